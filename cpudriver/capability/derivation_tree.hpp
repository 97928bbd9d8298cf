// Which capability came from which: all slots of a core in order, so that copies are neighbours and
// everything made from an object follows it. Nothing is linked by hand: the ranges tell who descends from
// whom.
//
//   RAM 0..64K   RAM 0..64K   RAM 0..16K   CNode 0..16K   Frame 16K..20K   RAM 64K..128K
//   `--- copies ---'          `-------- descendants of both --------'
//
// One AVL tree a space, by (base, size descending, depth, type, level, extra, generation), and one for
// Mappings. The ranges in a space are nested or disjoint; only Mappings of one frame may overlap otherwise,
// and nothing descends from them. Each slot knows how far its subtree reaches, so every question takes O(log
// n) steps, however many slots there are.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "cpudriver/capability/slot.hpp"
#include "platforms/base/tree.hpp"

namespace skerry::cpudriver {

// Order and links of slots.
struct SlotTraits {
    static Slot*& parent(Slot& slot) { return slot.parent; }
    static Slot*& left(Slot& slot) { return slot.left; }
    static Slot*& right(Slot& slot) { return slot.right; }
    static int8_t& balance(Slot& slot) { return slot.balance; }
    static bool less(const Slot& a, const Slot& b) { return less(a.cap, b.cap); }
    static bool less(const capabilities::Capability& a, const capabilities::Capability& b);
    static void update(Slot& slot);
    // Ends are kept in 48 bits: KiB for memory, whose objects are multiples of that, else the space's own
    // unit.
    static uint64_t reach_of(const capabilities::Capability& cap, uint64_t end);
};

class DerivationTree {
  public:
    using Capability = capabilities::Capability;
    using Lane = base::Tree<Slot, SlotTraits>;

    // The slot is filled and in no tree; afterwards it must not change but in rights, badge, flags and the
    // progress of a frame.
    void insert(Slot& slot);
    void remove(Slot& slot);

    bool has_copies(Slot& slot) const;
    bool has_descendants(Slot& slot) const { return first_descendant(slot.cap) != nullptr; }
    // What a revoke of this slot must take next: a copy, then a descendant, last its anchor; null if it stands alone.
    Slot* first_related(Slot& slot) const;
    Slot* anchor_of(const Capability& object) const;  // null: no other core holds it
    // A Mapping counts as a descendant of every object that it begins in.
    Slot* first_descendant(const Capability& object) const;
    Slot* first_mapping(const Capability& object) const;
    Slot* first_inner_object(const Capability& object) const;  // no Mapping
    // The innermost object that this was made from; null if it is a root or its ancestors were deleted.
    Slot* nearest_ancestor(const Capability& cap) const;
    // Whether anything made from the source lies in [base, base + size), or reaches into it.
    bool overlaps_descendants(const Capability& source, uint64_t base, uint64_t size) const;
    // Whether a capability from outside would keep the ranges nested or disjoint, and ancestors above
    // descendants.
    bool fits(const Capability& cap) const;
    // Some capability to the object of that type, base and size (default: the type's smallest); null if there
    // is none.
    Slot* find_object(capabilities::Type type, uint64_t base, uint64_t size = 0) const;

    uint64_t count(capabilities::Type type) const { return count_[static_cast<size_t>(type)]; }
    // In order; for tests and listings.
    Slot* first(size_t lane) const { return lanes_[lane].first(); }
    Slot* next(Slot& slot) const { return lane(slot.cap).next(slot); }
    const Lane& lane(const Capability& cap) const { return lanes_[lane_of(cap.type)]; }

    static constexpr size_t lane_count = static_cast<size_t>(capabilities::Space::identities) + 1;
    static constexpr size_t mapping_lane = static_cast<size_t>(capabilities::Space::none);  // where nothing else lies
    static constexpr size_t lane_of(capabilities::Type type) {
        return type == capabilities::Type::mapping ? mapping_lane : static_cast<size_t>(capabilities::info(type).space);
    }

  private:
    Slot* after(const Capability& object) const;  // the first slot behind all capabilities to the same object

    std::array<Lane, lane_count> lanes_;
    std::array<uint64_t, capabilities::type_count> count_{};
};

}  // namespace skerry::cpudriver
