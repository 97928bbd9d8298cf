// From a program's reference to a slot: two levels of CNodes, each bounds-checked, each with its right.
// Inlined: this is on the way of every system call.
//
//   CapRef --root index--> root CNode [ . . # . ] --index--> second-level CNode [ . # . . ]
//                          (bit 63: this slot)                                 (else this one)
#pragma once

#include <span>

#include "capabilities/interface/reference.hpp"
#include "capabilities/rules.hpp"
#include "cpudriver/capability/slot.hpp"
#include "platforms/base/ids.hpp"

namespace skerry::cpudriver {

// The slots of a CNode from `index` on. Empty if the capability is no CNode, lacks a needed right, or ends
// before. Pointer: base::PhysAddr -> std::byte*, this core's alias.
template <typename Pointer>
inline std::span<Slot> slots_from(const capabilities::Capability& cnode, uint32_t index, capabilities::Rights needed,
                                  Pointer&& pointer) {
    uint64_t slots = cnode.size / capabilities::slot_size;
    if (!capabilities::usable(cnode, capabilities::Type::cnode, needed) || index >= slots) return {};
    auto* first = reinterpret_cast<Slot*>(pointer(base::PhysAddr{cnode.base}));
    return {first + index, static_cast<size_t>(slots - index)};
}

// The slots from the named one to the end of its CNode; empty if there is no such slot. `needed` is asked of
// the CNode that the slot lies in: read to use what it holds, write to change it; the way there needs read.
template <typename Pointer>
inline std::span<Slot> resolve_range(const capabilities::Capability& root, capabilities::CapRef ref,
                                     capabilities::Rights needed, Pointer&& pointer) {
    using capabilities::Rights;
    std::span<Slot> upper = slots_from(root, ref.root_index(), ref.at_root() ? needed : Rights::read, pointer);
    if (upper.empty() || ref.at_root()) return upper;
    return slots_from(upper[0].cap, ref.index(), needed, pointer);
}

}  // namespace skerry::cpudriver
