// What the capability operations ask of the objects behind capabilities. Implemented by the Core; by fakes in tests.
#pragma once

#include <cstddef>

#include "cpudriver/capability/slot.hpp"
#include "platforms/base/result.hpp"

namespace skerry::cpudriver {

class ObjectHooks {
  public:
    // This core's alias of physical memory that it owns.
    virtual std::byte* pointer(base::PhysAddr address) = 0;
    // A capability to a new object was made by retype. Its memory is zeroed already (frames: their first 64 KiB).
    virtual void created(const capabilities::Capability& object) = 0;
    // The last capability to an object is about to go. Does a bounded step; `again` while more is to do. For a
    // Mapping: clears the page-table entries and invalidates. Must leave a valid state after every step.
    virtual base::Status destroy(const capabilities::Capability& object) = 0;
    // A slot inside a kernel object (home != cnode) was emptied by delete or revoke.
    virtual void emptied(Slot& slot) = 0;

  protected:
    ~ObjectHooks() = default;
};

}  // namespace skerry::cpudriver
