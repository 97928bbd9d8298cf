#include "usr/runtime/slot_allocator.hpp"

namespace skerry::runtime {

using capabilities::second_level_slots;
using capabilities::well_known::root_slots;

void SlotAllocator::add_cnode(uint32_t root_index, uint32_t first_free) {
    SKERRY_ASSERT(root_index < root_slots && (present_ >> root_index & 1) == 0);
    present_ |= uint64_t{1} << root_index;
    for (uint32_t i = first_free; i < second_level_slots; ++i) {
        bits_[root_index][i / 64] |= uint64_t{1} << (i % 64);
        ++free_;
    }
}

void SlotAllocator::allow_growth(uint32_t first_root_index, CNodeMaker& maker) {
    SKERRY_ASSERT(first_root_index > 0);
    next_root_ = first_root_index;
    maker_ = &maker;
}

Status SlotAllocator::grow() {
    if (growing_ || maker_ == nullptr || next_root_ >= root_slots) return Error::no_memory;
    growing_ = true;
    Status made = maker_->make_cnode(CapRef::root_slot(next_root_));
    growing_ = false;
    if (made.ok()) add_cnode(next_root_++, 0);
    return made;
}

Result<CapRef> SlotAllocator::allocate_row(uint32_t count) {
    if (count == 0 || count > second_level_slots) return Error::invalid_argument;
    if (free_ < reserve + count) (void)grow().ok();  // the reserve may still serve this one
    Result<CapRef> found = find(count);
    if (found.ok() || growing_) return found;
    SKERRY_CHECK(grow());  // enough free slots, but not in a row
    return find(count);
}

Result<CapRef> SlotAllocator::find(uint32_t count) {
    for (uint32_t root = 0; root < root_slots; ++root) {
        Bits& bits = bits_[root];
        uint32_t run = 0;
        for (uint32_t i = 0; i < second_level_slots; ++i) {
            if (i % 64 == 0 && bits[i / 64] == 0) {
                run = 0;
                i += 63;
                continue;
            }
            run = test(bits, i) ? run + 1 : 0;
            if (run < count) continue;
            uint32_t first = i + 1 - count;
            for (uint32_t slot = first; slot <= i; ++slot) bits[slot / 64] &= ~(uint64_t{1} << (slot % 64));
            free_ -= count;
            return CapRef{root, first};
        }
    }
    return Error::no_memory;
}

void SlotAllocator::release(CapRef first, uint32_t count) {
    SKERRY_ASSERT(!first.at_root() && first.root_index() < root_slots && first.index() + count <= second_level_slots);
    Bits& bits = bits_[first.root_index()];
    for (uint32_t i = first.index(); i < first.index() + count; ++i) {
        SKERRY_ASSERT(!test(bits, i));
        bits[i / 64] |= uint64_t{1} << (i % 64);
    }
    free_ += count;
}

}  // namespace skerry::runtime
