// A capability slot: 64 bytes, one cache line. Slots lie in CNodes, and a few inside kernel objects (a
// dispatcher's roots, an endpoint's messages in flight): so everything that holds a capability is in the
// derivation tree and revoke reaches it.
#pragma once

#include <cstdint>

#include "capabilities/capability.hpp"

namespace skerry::cpudriver {

// Where a slot lies; tells the driver whom to inform when the slot is emptied.
enum class SlotHome : uint8_t { cnode, dispatcher, transit };

struct Slot {
    capabilities::Capability cap;  // 32 bytes
    // The derivation tree (derivation_tree.hpp); all null when the slot is empty.
    Slot* parent = nullptr;
    Slot* left = nullptr;
    Slot* right = nullptr;
    int8_t balance = 0;  // height(right) - height(left)
    SlotHome home = SlotHome::cnode;
    uint64_t reach : 48 = 0;  // the largest end of a range in this subtree (derivation_tree.cpp gives the unit)

    bool empty() const { return cap.empty(); }
};
static_assert(sizeof(Slot) == 64 && sizeof(Slot) == capabilities::slot_size);

}  // namespace skerry::cpudriver
