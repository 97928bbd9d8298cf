// The tree's answers against a walk over all slots.
#include "cpudriver/capability/derivation_tree.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <random>

#include "arena.hpp"

using namespace skerry::test;
using skerry::cpudriver::DerivationTree;
using skerry::cpudriver::SlotTraits;

namespace {

constexpr uint64_t page = 4096;

struct Forest {
    DerivationTree tree;
    std::deque<Slot> slots;
    Slot& add(Type type, uint64_t base, uint64_t size, uint64_t extra = 0, uint32_t badge = 0) {
        Slot& slot = slots.emplace_back();
        slot.cap = {.type = type,
                    .rights = info(type).rights,
                    .level = type == Type::vnode,
                    .badge = badge,
                    .base = base,
                    .size = size,
                    .extra = extra};
        tree.insert(slot);
        return slot;
    }
};

bool is_mapping(const Capability& cap) {
    return cap.type == Type::mapping;
}
bool below(const Capability& inner, const Capability& outer) {
    if (is_mapping(inner) && !is_mapping(outer) && info(outer.type).space == Space::memory) {
        return inner.base >= outer.base && inner.base < outer.end();
    }
    return descends_from(inner, outer);
}

}  // namespace

TEST_CASE("ancestors stand before their descendants, copies side by side", "[derivation]") {
    Forest f;
    Slot& frame = f.add(Type::frame, 4 * page, page);
    Slot& part = f.add(Type::ram, 0, 8 * page);
    Slot& node = f.add(Type::cnode, 0, page);
    Slot& whole = f.add(Type::ram, 0, 64 * page);
    Slot& whole_again = f.add(Type::ram, 0, 64 * page);
    Slot& next = f.add(Type::ram, 64 * page, page);
    std::vector<Slot*> expected{&whole, &whole_again, &part, &node, &frame, &next};
    REQUIRE(all_slots(f.tree) == expected);
    check_tree(f.tree);
    CHECK(f.tree.has_copies(whole));
    CHECK(f.tree.has_copies(whole_again));
    CHECK_FALSE(f.tree.has_copies(part));
    CHECK(f.tree.has_descendants(part));
    CHECK_FALSE(f.tree.has_descendants(frame));
    CHECK_FALSE(f.tree.has_descendants(next));
    CHECK(f.tree.nearest_ancestor(frame.cap) == &part);
    CHECK(f.tree.nearest_ancestor(whole.cap) == nullptr);
    CHECK(f.tree.find_object(Type::frame, 4 * page) == &frame);
    CHECK(f.tree.find_object(Type::cnode, 0, page) == &node);
    CHECK(f.tree.find_object(Type::cnode, 0) == nullptr);
    CHECK(f.tree.count(Type::ram) == 4);
    f.tree.remove(whole);
    CHECK(f.tree.count(Type::ram) == 3);
    CHECK_FALSE(f.tree.has_copies(whole_again));
}

TEST_CASE("the same entry for the same memory in a later VNode is another mapping", "[derivation]") {
    Forest f;
    f.add(Type::frame, 0, page, page);
    Slot& stale = f.add(Type::mapping, 0, page, 0x9000, 1);
    Slot& current = f.add(Type::mapping, 0, page, 0x9000, 2);
    CHECK_FALSE(f.tree.has_copies(stale));
    CHECK_FALSE(f.tree.has_copies(current));
}

TEST_CASE("notifications of one core differ by their index, and nothing descends from them", "[derivation]") {
    Forest f;
    Slot& one = f.add(Type::notify, 7, 1, 1);
    Slot& two = f.add(Type::notify, 7, 1, 2);
    Slot& same = f.add(Type::notify, 7, 1, 1);
    CHECK(f.tree.has_copies(one));
    CHECK_FALSE(f.tree.has_copies(two));
    CHECK(f.tree.first_related(same) == &one);
    CHECK_FALSE(f.tree.has_descendants(one));
}

TEST_CASE("foreign capabilities must nest with what is there", "[derivation]") {
    Forest f;
    f.add(Type::ram, 16 * page, 16 * page);
    f.add(Type::frame, 20 * page, 4 * page);
    f.add(Type::cnode, 24 * page, page);
    auto fits = [&](Type type, uint64_t base, uint64_t pages) {
        return f.tree.fits({.type = type, .base = base * page, .size = pages * page});
    };
    CHECK(fits(Type::ram, 0, 16));
    CHECK(fits(Type::ram, 0, 64));
    CHECK(fits(Type::ram, 16, 16));
    CHECK(fits(Type::ram, 20, 8));
    CHECK(fits(Type::frame, 20, 4));
    CHECK(fits(Type::frame, 28, 2));
    CHECK_FALSE(fits(Type::ram, 8, 16));
    CHECK_FALSE(fits(Type::ram, 24, 16));
    CHECK_FALSE(fits(Type::ram, 20, 2));
    CHECK_FALSE(fits(Type::ram, 22, 4));
    CHECK_FALSE(fits(Type::frame, 20, 8));
    CHECK_FALSE(fits(Type::frame, 24, 1));
    CHECK_FALSE(fits(Type::frame, 18, 4));
    CHECK_FALSE(fits(Type::frame, 0, 64));
}

TEST_CASE("every answer equals that of a walk over all slots", "[derivation]") {
    std::mt19937 random(11);
    for (int round = 0; round < 150; round++) {
        Forest f;
        f.add(Type::ram, 0, 64 * page);
        // Only what fits comes in, as retype and insert_root see to it.
        for (int i = 0; i < 60; i++) {
            uint64_t base = random() % 64, size = uint64_t{1} << random() % 6;
            Type type =
                std::array{Type::ram, Type::ram, Type::frame, Type::vnode, Type::cnode, Type::mapping}[random() % 6];
            if (type == Type::vnode || type == Type::cnode) size = 1;
            Capability cap{.type = type, .level = type == Type::vnode, .base = base * page, .size = size * page};
            if (cap.end() > 64 * page) continue;
            if (type == Type::mapping ? f.tree.nearest_ancestor(cap) == nullptr : !f.tree.fits(cap)) continue;
            f.add(type, cap.base, cap.size, random() % 3);
        }
        check_tree(f.tree);
        std::vector<Slot*> all = all_slots(f.tree);
        for (Slot* slot : all) {
            const Capability& cap = slot->cap;
            auto any = [&](auto test) { return std::any_of(all.begin(), all.end(), test); };
            REQUIRE(f.tree.has_copies(*slot) == any([&](Slot* o) { return o != slot && same_object(o->cap, cap); }));
            REQUIRE(f.tree.has_descendants(*slot) == any([&](Slot* o) { return below(o->cap, cap); }));
            const Capability* innermost = nullptr;
            for (Slot* o : all) {
                if (is_mapping(o->cap) || !descends_from(cap, o->cap)) continue;
                if (innermost == nullptr || SlotTraits::less(*innermost, o->cap)) innermost = &o->cap;
            }
            Slot* ancestor = f.tree.nearest_ancestor(cap);
            REQUIRE((ancestor == nullptr) == (innermost == nullptr));
            if (ancestor != nullptr) REQUIRE(same_object(ancestor->cap, *innermost));
            if (is_mapping(cap)) continue;
            uint64_t base = cap.base + random() % (cap.size / page) * page;
            uint64_t size = (1 + random() % ((cap.end() - base) / page)) * page;
            bool overlap =
                any([&](Slot* o) { return below(o->cap, cap) && o->cap.base < base + size && o->cap.end() > base; });
            REQUIRE(f.tree.overlaps_descendants(cap, base, size) == overlap);
        }
    }
}
