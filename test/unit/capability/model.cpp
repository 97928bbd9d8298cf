// A million random operations against the model. Deletes and revokes either run to their end, and everything
// must be as the model says, or are left half-way while other operations go on, and the invariants must hold
// throughout.
#include "model.hpp"

#include <catch2/catch.hpp>

#include <random>

using namespace skerry::test;

namespace {

class Run {
  public:
    explicit Run(uint32_t seed) : random_(seed), model_(world_.arena) { model_.adopt(tree()); }

    void steps(uint32_t count) {
        for (uint32_t i = 0; i < count; i++) {
            world_.arena.stubborn = one_in(3) ? below(30) : 0;
            world_.arena.destroyed.clear();
            world_.arena.told.clear();
            step();
            if (exact_ && i % 16 == 0) model_.compare(tree());
            if (i % 64 == 0) check_tree(tree());
            if (!exact_ && one_in(60)) settle();
            if (world_.slots[0].empty() || zombie(world_.slots[0].cap) || tree().count(Type::ram) == 0) restart();
            left_halfway += !exact_;
        }
        settle();
        model_.compare(tree());
        check_tree(tree());
    }
    uint64_t worked = 0;        // operations that did what they were asked
    uint64_t left_halfway = 0;  // steps with a delete or revoke half-way

  private:
    uint32_t below(uint32_t limit) { return static_cast<uint32_t>(random_() % limit); }
    bool one_in(uint32_t n) { return below(n) == 0; }
    const skerry::cpudriver::DerivationTree& tree() { return world_.capabilities.tree(); }

    // A slot of the world's own, or one inside an object that a capability there names; often empty.
    Slot& any() {
        Slot* slot = &world_.slots[below(40)];
        for (int depth = 0; depth < 3 && !one_in(3); depth++) {
            if (zombie(slot->cap)) break;
            Slot* inner = model_.inside(slot->cap, below(one_in(2) ? 4 : 16));
            if (inner == nullptr) break;
            slot = inner;
        }
        return *slot;
    }
    Slot& filled() {
        Slot* slot = &any();
        for (int tries = 0; tries < 6 && slot->empty(); tries++) slot = &any();
        return *slot;
    }
    Slot& vacant() {
        Slot* slot = &any();
        for (int tries = 0; tries < 3 && !slot->empty(); tries++) slot = &any();
        return *slot;
    }
    // One to lose: seldom the RAM that everything is made from.
    Slot& victim() {
        Slot* slot = &filled();
        for (int tries = 0; tries < 6 && (slot == &world_.slots[0] || slot->cap.size > 1 << 18); tries++) {
            slot = &filled();
        }
        return *slot;
    }
    // The core's answer must be the model's; in `exact` mode so must everything else.
    void agree(Status got, Error expected) {
        if (exact_) expect(got.error() == expected, "the answer differs from the model's");
        worked += got.ok();
    }

    void step() {
        uint32_t dice = below(100);
        if (dice < 30) return copy();
        if (dice < 40) return move();
        if (dice < 70) return retype();
        if (dice < 74) return clean_frame();
        if (dice < 87) return map();
        if (dice < 99 || !one_in(2)) return remove();
        revoke();
    }
    void copy() {
        Slot &dest = vacant(), &source = filled();
        auto mask = one_in(3) ? Rights(static_cast<uint8_t>(random_())) : Rights::all;
        uint32_t badge = one_in(4) ? below(100) : 0;
        Error expected = dest.empty() ? check_mint(source.cap, badge) : Error::slot_occupied;
        agree(world_.capabilities.mint_slot(dest, source, mask, badge), expected);
        if (expected == Error::none) model_.held[&dest] = minted(source.cap, mask, badge);
    }
    void move() {
        Slot &dest = vacant(), &source = one_in(300) ? filled() : victim();
        Capability cap = source.cap;
        Error expected = !dest.empty() ? Error::slot_occupied
                         : cap.empty() ? Error::no_capability
                         : zombie(cap) ? Error::busy
                                       : Error::none;
        agree(world_.capabilities.move_slot(dest, source), expected);
        if (expected != Error::none) return;
        model_.held.erase(&source);
        model_.held[&dest] = cap;
    }
    void retype() {
        Slot& source = one_in(3) || world_.slots[0].cap.type != Type::ram ? filled() : world_.slots[0];
        static constexpr Type types[] = {Type::ram,        Type::frame,    Type::cnode,
                                         Type::dispatcher, Type::endpoint, Type::vnode};
        RetypeRequest request{.type = types[below(6)], .count = 1 + below(3)};
        request.level = request.type == Type::vnode;
        request.object_size = one_in(2) ? 4096 : uint64_t{1024} << below(8);
        if (request.type == Type::cnode && one_in(2)) request.object_size = 1024;
        if (request.type == Type::ram && one_in(2)) request.object_size = 65536;
        uint64_t room = source.cap.size / request.object_size + 1;
        request.offset = below(static_cast<uint32_t>(room)) * request.object_size;
        Slot* first = &vacant();
        bool own = first >= &world_.slots[0] && first < &world_.slots[61];
        if (!own) request.count = 1;
        std::span<Slot> dest{first, own ? size_t{3} : 1};
        uint64_t zeroing = zeroed_at_creation(request.type, request.object_size);
        uint64_t count = zeroing == 0 ? request.count : std::min(request.count, zero_step / zeroing);

        Capability from = source.cap;
        Error expected = check_retype(from, request, World::levels);
        for (uint64_t i = 0; i < count && expected == Error::none; i++) {
            if (!dest[i].empty()) expected = Error::slot_occupied;
        }
        if (expected == Error::none && model_.overlaps(from, from.base + request.offset, count * request.object_size)) {
            expected = Error::overlaps;
        }
        if (expected == Error::none && count < request.count) expected = Error::again;
        uint64_t made = 0;
        agree(world_.capabilities.retype(dest, source, request, made), expected);
        if (exact_) expect(made == (expected == Error::none || expected == Error::again ? count : 0), "objects made");
        for (uint64_t i = 0; i < made; i++) {
            Capability cap = dest[i].cap;
            Capability wanted = retyped(from, request, i);
            wanted.badge = cap.badge;  // a VNode's generation
            wanted.extra = request.type == Type::frame ? zeroing : 0;
            expect(cap == wanted, "the object made is another");
            if (exact_) model_.held[&dest[i]] = cap;
            if (request.type == Type::frame && clean(cap)) scribble(cap);
        }
    }
    void scribble(const Capability& frame) {
        std::memset(world_.arena.pointer(skerry::base::PhysAddr{frame.base}), 0x5a, frame.size);
    }
    void clean_frame() {
        Slot& slot = filled();
        Error expected = why_unusable(slot.cap, Type::frame, Rights::none);
        bool was_clean = clean(slot.cap);
        if (expected == Error::none && slot.cap.size > slot.cap.extra + zero_step) expected = Error::again;
        agree(world_.capabilities.clean(slot), expected);
        if (was_clean || zombie(slot.cap)) return;
        expect(world_.arena.all_zero(slot.cap.base, slot.cap.extra), "cleaned, but not zero");
        if (clean(slot.cap)) scribble(slot.cap);
        if (exact_) model_.held[&slot] = slot.cap;
    }
    void map() {
        Slot &dest = vacant(), &source = filled();
        bool mappable = source.cap.type == Type::frame || source.cap.type == Type::vnode;
        if (!mappable || !clean(source.cap) || zombie(source.cap)) return;
        auto pages = static_cast<uint32_t>(source.cap.size / 4096);
        uint32_t first = below(pages);
        Capability mapping{.type = Type::mapping,
                           .rights = Rights::revoke | Rights::read,
                           .level = 1,
                           .badge = 1,
                           .base = source.cap.base + first * 4096,
                           .size = (1 + below(pages - first)) * uint64_t{4096},
                           .extra = next_entry_ += 8};
        Error expected = dest.empty() ? Error::none : Error::slot_occupied;
        agree(world_.capabilities.insert_derived(dest, mapping), expected);
        if (expected == Error::none) model_.held[&dest] = mapping;
    }
    void remove() {
        Slot& slot = one_in(300) ? filled() : victim();
        if (one_in(3)) return halfway([&] { return world_.capabilities.delete_slot(slot); });
        bool was_exact = exact_;
        expect(world_.remove(slot).ok(), "delete");
        if (was_exact) model_.remove(&slot);
    }
    void revoke() {
        Slot& slot = one_in(40) ? filled() : victim();
        if (one_in(3)) return halfway([&] { return world_.capabilities.revoke(slot); });
        Error expected = slot.empty()                                 ? Error::no_capability
                         : zombie(slot.cap)                           ? Error::busy
                         : !includes(slot.cap.rights, Rights::revoke) ? Error::no_right
                                                                      : Error::none;
        Status got = world_.revoke(slot);
        if (!exact_) return;
        if (expected != Error::none) return agree(got, expected);
        if (model_.revoke(&slot)) {
            agree(got, expected);
        } else {
            settle();
            model_.adopt(tree());
        }
    }
    // One call only: from here on the model does not know what is there, until everything is settled.
    template <typename Call>
    void halfway(Call call) {
        uint64_t before = world_.capabilities.visits();
        Status got = call();
        expect(world_.capabilities.visits() - before <= removal_step, "a call did more than its step");
        exact_ = false;
        if (got.error() != Error::again) settle();
    }
    void settle() {
        expect(world_.finish([&] { return world_.capabilities.reap(); }).ok(), "reap");
        for (bool more = true; more;) {
            more = false;
            for (Slot* slot : all_slots(tree())) {
                if (!zombie(slot->cap)) continue;
                expect(world_.remove(*slot).ok(), "delete of a zombie");
                more = true;
                break;
            }
        }
        exact_ = true;
        model_.adopt(tree());
    }
    // Without the first RAM nothing more would happen: all is deleted, cycles by their own slots.
    void restart() {
        for (std::vector<Slot*> left = all_slots(tree()); !left.empty(); left = all_slots(tree())) {
            expect(world_.remove(*left[0]).ok(), "delete");
        }
        Capability ram{.type = Type::ram, .rights = info(Type::ram).rights, .base = World::ram_base, .size = 1 << 20};
        expect(world_.capabilities.insert_root(world_.slots[0], ram).ok(), "RAM again");
        settle();
    }

    std::mt19937 random_;
    World world_;
    Model model_;
    bool exact_ = true;  // the model knows everything
    uint64_t next_entry_ = 0;
};

}  // namespace

TEST_CASE("a million random operations", "[model]") {
    uint64_t worked = 0, halfway = 0;
    for (uint32_t seed = 1; seed <= 20; seed++) {
        Run run(seed);
        INFO("seed " << seed);
        REQUIRE_NOTHROW(run.steps(50000));
        worked += run.worked;
        halfway += run.left_halfway;
    }
    CHECK(worked > 200000);
    CHECK(halfway > 20000);
}
