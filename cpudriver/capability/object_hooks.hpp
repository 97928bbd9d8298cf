// What the capability operations ask of the objects behind capabilities. Implemented by the Core; by fakes in
// tests.
#pragma once

#include <cstddef>

#include "cpudriver/capability/slot.hpp"
#include "platforms/base/result.hpp"

namespace skerry::cpudriver {

class ObjectHooks {
  public:
    // This core's alias of physical memory that it owns.
    virtual std::byte* pointer(base::PhysAddr address) = 0;
    // A capability to a new object was made by retype. Its memory is zeroed already (frames: their first 64
    // KiB).
    virtual void created(const capabilities::Capability& object) = 0;
    // The last capability to an object is about to go: the object stops working (a dispatcher leaves its
    // queues, an endpoint forgets its messages). Does a bounded step; `again` while more is to do, any other
    // error is a bug. For a Mapping: clears the page-table entries and invalidates. Must leave a valid state
    // after every step and must not touch the slots inside the object: Capabilities empties them afterwards,
    // so that nothing recurses.
    virtual base::Status destroy(const capabilities::Capability& object) = 0;
    // The slots inside a dispatcher or endpoint, by index from 0; null past the last. Asked only after
    // destroy.
    virtual Slot* inner_slot(const capabilities::Capability& object, uint32_t index) = 0;
    // A slot inside a living kernel object (home != cnode) was emptied by delete or revoke.
    virtual void emptied(Slot& slot) = 0;
    // A revoke has stopped at an anchor, or something of another core's memory was deleted.
    virtual void shared_changed() {}

  protected:
    ~ObjectHooks() = default;
};

}  // namespace skerry::cpudriver
