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
    first_grown_ = first_root_index;
    maker_ = &maker;
}

Status SlotAllocator::grow() {
    uint32_t root = first_grown_;
    while (root < root_slots && (present_ >> root & 1) != 0) ++root;
    if (changing_ || maker_ == nullptr || root == root_slots) return Error::no_memory;
    changing_ = true;
    Status made = maker_->make_cnode(CapRef::root_slot(root));
    changing_ = false;
    if (made.ok()) add_cnode(root, 0);
    return made;
}

// What a program needed at its busiest is not its for ever. Its memory goes through a service, so not at every change:
// enough free slots stay. One that a thing lies in stays, too; slots are taken from the first CNodes first.
void SlotAllocator::shrink(uint32_t root_index) {
    constexpr uint32_t slots = second_level_slots;
    if (changing_ || root_index < first_grown_ || free_ < slots + reserve + spare) return;
    for (uint64_t word : bits_[root_index]) {
        if (word != ~uint64_t{0}) return;
    }
    changing_ = true;
    present_ &= ~(uint64_t{1} << root_index);
    bits_[root_index] = {};
    free_ -= slots;
    if (!maker_->drop_cnode(CapRef::root_slot(root_index)).ok()) add_cnode(root_index, 0);
    changing_ = false;
}

Result<CapRef> SlotAllocator::allocate_row(uint32_t count) {
    if (count == 0 || count > second_level_slots) return Error::invalid_argument;
    if (free_ < reserve + count) (void)grow().ok();  // the reserve may still serve this one
    Result<CapRef> found = find(count);
    if (found.ok() || changing_) return found;
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
    shrink(first.root_index());
}

}  // namespace skerry::runtime
