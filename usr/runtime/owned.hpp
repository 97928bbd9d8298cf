// A capability slot with one holder: the destructor deletes the capability and gives the slot back.
#pragma once

#include <utility>

#include "usr/runtime/capability.hpp"
#include "usr/runtime/slot_allocator.hpp"

namespace skerry::runtime {

class Owned {
  public:
    Owned() = default;
    Owned(CapRef slot, SlotAllocator& slots) : slot_(slot), slots_(&slots) {}
    Owned(Owned&& other) noexcept : slot_(std::exchange(other.slot_, {})), slots_(other.slots_) {}
    Owned& operator=(Owned&& other) noexcept {
        std::swap(slot_, other.slot_);
        std::swap(slots_, other.slots_);
        return *this;
    }
    ~Owned() { reset(); }

    // An empty slot, for an operation that is about to fill it.
    static Result<Owned> empty(SlotAllocator& slots) {
        Result<CapRef> slot = slots.allocate();
        if (!slot.ok()) return slot.error();
        return Owned(*slot, slots);
    }

    CapRef ref() const { return slot_; }
    explicit operator bool() const { return !slot_.null(); }
    // The holder is now whoever calls.
    CapRef release() { return std::exchange(slot_, {}); }
    // A capability that cannot be deleted now (busy) keeps its slot: lost to the allocator, never reused
    // wrongly.
    void reset() {
        if (slot_.null()) return;
        Status gone = CNodeCap{}.remove(slot_);
        if (gone.ok() || gone.error() == Error::no_capability) slots_->release(slot_);
        slot_ = {};
    }

  private:
    CapRef slot_;
    SlotAllocator* slots_ = nullptr;
};

}  // namespace skerry::runtime
