// Memory for capability tests: physical addresses are offsets into one mmap'd arena full of junk, and a fake
// stands for the kernel objects. It checks what Capabilities promises its hooks.
#pragma once

#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <stdexcept>
#include <vector>

#include "cpudriver/capability/operations.hpp"

namespace skerry::test {

using namespace capabilities;
using base::Error;
using base::Status;
using cpudriver::Capabilities;
using cpudriver::Slot;
using cpudriver::SlotHome;

inline void expect(bool condition, const char* what) {
    if (!condition) throw std::logic_error(what);
}

class Arena final : public cpudriver::ObjectHooks {
  public:
    static constexpr uint64_t inner_slots = 4;  // of a fake dispatcher or endpoint

    explicit Arena(uint64_t size) : size_(size) {
        void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        expect(memory != MAP_FAILED, "mmap");
        memory_ = static_cast<std::byte*>(memory);
        std::memset(memory_, 0xa5, size);
    }
    ~Arena() { munmap(memory_, size_); }

    std::byte* pointer(base::PhysAddr address) override {
        expect(address.value < size_, "memory that the core does not own");
        return memory_ + address.value;
    }
    void created(const Capability& object) override {
        uint64_t zeroed = zeroed_at_creation(object.type, object.size);
        expect(all_zero(object.base, zeroed), "a new object is not zeroed");
        for (uint32_t i = 0; Slot* slot = inner_slot(object, i); i++) {
            slot->home = object.type == Type::endpoint ? SlotHome::transit : SlotHome::dispatcher;
        }
        made++;
    }
    Status destroy(const Capability& object) override {
        expect(zombie(object), "destroyed while still of use");
        if (stubborn > 0) {
            stubborn--;
            return Error::again;
        }
        destroyed.push_back(object);
        return {};
    }
    Slot* inner_slot(const Capability& object, uint32_t index) override {
        bool has_slots = object.type == Type::dispatcher || object.type == Type::endpoint;
        if (!has_slots || index >= inner_slots) return nullptr;
        return reinterpret_cast<Slot*>(memory_ + object.base) + 1 + 2 * index;
    }
    void emptied(Slot& slot) override {
        expect(slot.empty() && slot.home != SlotHome::cnode, "emptied() for a slot that is not");
        told.push_back(&slot);
    }

    bool all_zero(uint64_t base, uint64_t bytes) const {
        return std::all_of(memory_ + base, memory_ + base + bytes, [](std::byte b) { return b == std::byte{0}; });
    }
    Slot* slot(const Capability& cnode, uint32_t index) {
        return reinterpret_cast<Slot*>(memory_ + cnode.base) + index;
    }
    std::vector<std::byte> contents() const { return {memory_, memory_ + size_}; }
    uint64_t size() const { return size_; }
    bool destroyed_one(Type type, uint64_t base) const {
        return std::count_if(destroyed.begin(), destroyed.end(),
                             [&](const Capability& cap) { return cap.type == type && cap.base == base; }) == 1;
    }

    uint32_t stubborn = 0;  // how often destroy says `again` from now on
    uint64_t made = 0;
    std::vector<Capability> destroyed;
    std::vector<Slot*> told;

  private:
    uint64_t size_;
    std::byte* memory_;
};

// Every slot of the tree, lane by lane.
inline std::vector<Slot*> all_slots(const cpudriver::DerivationTree& tree) {
    std::vector<Slot*> slots;
    for (size_t lane = 0; lane < cpudriver::DerivationTree::lane_count; lane++) {
        for (Slot* at = tree.first(lane); at != nullptr; at = tree.next(*at)) slots.push_back(at);
    }
    return slots;
}

// Throws unless the tree is sorted, balanced, counted, and its ranges nest; kernel objects must not overlap.
inline void check_tree(const cpudriver::DerivationTree& tree) {
    using cpudriver::DerivationTree;
    using cpudriver::SlotTraits;
    std::vector<uint64_t> counts(type_count);
    for (size_t lane = 0; lane < DerivationTree::lane_count; lane++) {
        std::vector<Slot*> order;
        for (Slot* at = tree.first(lane); at != nullptr; at = tree.next(*at)) order.push_back(at);
        struct Visit {
            static int of(Slot* at, Slot* parent) {
                if (at == nullptr) return 0;
                expect(at->parent == parent, "parent link");
                int left = of(at->left, at), right = of(at->right, at);
                expect(at->balance == right - left && right - left >= -1 && right - left <= 1, "balance");
                uint64_t reach = SlotTraits::reach_of(at->cap, at->cap.end());
                for (Slot* child : {at->left, at->right}) {
                    if (child != nullptr) reach = std::max<uint64_t>(reach, child->reach);
                }
                expect(at->reach == reach, "reach");
                return 1 + std::max(left, right);
            }
        };
        if (order.empty()) continue;
        const auto& links = tree.lane(order[0]->cap);
        Visit::of(links.root(), nullptr);
        expect(links.size() == order.size(), "size");
        std::vector<const Capability*> open;
        for (size_t i = 0; i < order.size(); i++) {
            const Capability& cap = order[i]->cap;
            counts[static_cast<size_t>(cap.type)]++;
            if (i > 0) expect(!SlotTraits::less(cap, order[i - 1]->cap), "order");
            if (lane == DerivationTree::mapping_lane || info(cap.type).space != Space::memory) continue;
            while (!open.empty() && open.back()->end() <= cap.base) open.pop_back();
            if (!open.empty() && !same_object(*open.back(), cap)) {
                expect(descends_from(cap, *open.back()),
                       "ranges cut each other, or a kernel object has an object in it");
            }
            open.push_back(&cap);
        }
    }
    for (size_t type = 0; type < type_count; type++) {
        expect(counts[type] == tree.count(static_cast<Type>(type)), "counter");
    }
}

// A core's capabilities with a few slots of its own beside the arena, and RAM in slot 0.
struct World {
    static constexpr uint64_t ram_base = 1 << 20;
    static constexpr uint32_t levels = 4;

    explicit World(uint64_t ram = 1 << 20) : arena(ram_base + ram) {
        expect(capabilities
                   .insert_root(slots[0],
                                {.type = Type::ram, .rights = info(Type::ram).rights, .base = ram_base, .size = ram})
                   .ok(),
               "RAM at boot");
    }
    // Retypes from slot 0; the first free slot from 1 on, or the one given.
    Slot& make(Type type, uint64_t offset, uint64_t size, uint8_t level = 0, Slot* dest = nullptr) {
        for (size_t i = 1; dest == nullptr; i++) {
            if (slots[i].empty()) dest = &slots[i];
        }
        uint64_t made = 0;
        Status done = capabilities.retype({dest, 1}, slots[0], {type, level, offset, size, 1}, made);
        expect(done.ok() && made == 1, "retype in a test");
        return *dest;
    }
    // A mapping of `entries` pages as a VNode's map would make it.
    Slot& map(const Slot& source, uint64_t offset, uint64_t bytes, uint64_t entry, Slot& dest) {
        Capability mapping{.type = Type::mapping,
                           .rights = Rights::revoke | Rights::read,
                           .level = 1,
                           .badge = 1,
                           .base = source.cap.base + offset,
                           .size = bytes,
                           .extra = entry};
        expect(capabilities.insert_derived(dest, mapping).ok(), "map in a test");
        return dest;
    }
    // Everything that an operation could have changed.
    struct Snapshot {
        std::vector<std::byte> memory, slots;
        std::vector<Slot*> order;
        bool operator==(const Snapshot&) const = default;
    };
    Snapshot snapshot() {
        auto* first = reinterpret_cast<std::byte*>(slots.data());
        return {arena.contents(), {first, first + sizeof(slots)}, all_slots(capabilities.tree())};
    }
    // Calls until it is not `again`; throws if one call does too much or it never ends.
    template <typename Call>
    Status finish(Call call, uint32_t most_calls = 20000) {
        for (uint32_t i = 0; i < most_calls; i++) {
            uint64_t before = capabilities.visits();
            Status done = call();
            expect(capabilities.visits() - before <= removal_step, "a call did more than its step");
            if (done.error() != Error::again) return done;
            calls++;
        }
        throw std::logic_error("it never ends");
    }
    Status remove(Slot& slot) {
        return finish([&] { return capabilities.delete_slot(slot); });
    }
    Status revoke(Slot& slot) {
        return finish([&] { return capabilities.revoke(slot); });
    }

    Arena arena;
    std::array<Slot, 64> slots;
    Capabilities capabilities{arena, levels};
    uint64_t calls = 0;  // that said `again`
};

}  // namespace skerry::test
