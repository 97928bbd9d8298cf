#include "usr/runtime/ram_pool.hpp"

#include <bit>
#include <utility>

namespace skerry::runtime {

using base::page_size;
static_assert(RamPool::block_bytes / page_size == 64, "one bit a page in one word");

Result<RamPiece> RamPool::take_from(Block& block, uint64_t pages) {
    uint64_t run = pages == 64 ? ~uint64_t{0} : (uint64_t{1} << pages) - 1;
    for (uint64_t at = 0; at + pages <= 64; at += pages) {
        if ((block.free >> at & run) != run) continue;
        block.free &= ~(run << at);
        uint64_t offset = at * page_size;
        return RamPiece{block.ram.cap, offset, pages * page_size, block.ram.base + offset};
    }
    return Error::no_memory;
}

Result<RamPiece> RamPool::take_large(uint64_t bytes) {
    RamBlock fresh = SKERRY_TRY(source_->allocate(bytes, page_size));
    for (Block& place : large_) {
        if (place.ram.bytes != 0) continue;
        place = {fresh, source_, 0};
        return RamPiece{fresh.cap, 0, fresh.bytes, fresh.base};
    }
    source_->release(fresh);
    return Error::no_memory;
}

Result<RamPiece> RamPool::take(uint64_t bytes) {
    if (bytes == 0) return Error::invalid_argument;
    if (bytes > largest_piece) return take_large(base::round_up(bytes, page_size));
    uint64_t pages = std::bit_ceil((bytes + page_size - 1) / page_size);
    for (Block& block : blocks_) {
        if (block.ram.bytes == 0) continue;
        Result<RamPiece> piece = take_from(block, pages);
        if (piece.ok()) return piece;
    }
    // The source may come back here for slots (which may make a CNode): look for the place afterwards.
    RamBlock fresh = SKERRY_TRY(source_->allocate(block_bytes, block_bytes));
    for (Block& block : blocks_) {
        if (block.ram.bytes != 0) continue;
        block = {fresh, source_, ~uint64_t{0}};
        return take_from(block, pages);
    }
    source_->release(fresh);
    return Error::no_memory;
}

void RamPool::give_back(const RamPiece& piece) {
    auto drop = [](Block& block) {
        Block gone = std::exchange(block, {});
        gone.from->release(gone.ram);
    };
    for (Block& place : large_) {
        if (place.ram.bytes != 0 && place.ram.cap == piece.ram) return drop(place);
    }
    for (Block& block : blocks_) {
        if (block.ram.bytes == 0 || block.ram.cap != piece.ram) continue;
        uint64_t pages = piece.bytes / page_size;
        uint64_t run = ((uint64_t{1} << pages) - 1) << (piece.offset / page_size);
        SKERRY_ASSERT(pages < 64 && (block.free & run) == 0);
        block.free |= run;
        if (block.free == ~uint64_t{0}) drop(block);
        return;
    }
    SKERRY_ASSERT(!"a piece of no block");
}

Result<Object> RamPool::make(Type type, uint32_t level, uint64_t bytes) {
    auto slot = SKERRY_TRY(slots_->allocate());
    // Another core may still hold something of a piece that we are done with: then another piece will do.
    constexpr uint32_t most_held_elsewhere = 16;
    std::array<RamPiece, most_held_elsewhere> passed_over;
    uint32_t passed = 0;
    Result<RamPiece> piece = take(bytes);
    Status made = piece.error();
    while (piece.ok()) {
        made = CNodeCap{}.retype(slot, piece->ram, type, level, piece->offset, bytes);
        if (made.error() != Error::overlaps || passed == most_held_elsewhere) break;
        passed_over[passed++] = piece.value();
        piece = take(bytes);
    }
    while (passed > 0) give_back(passed_over[--passed]);
    if (!piece.ok()) {
        slots_->release(slot);
        return piece.error();
    }
    if (made.ok() && type == Type::frame) {
        made = FrameCap{slot}.clean();
        if (!made.ok()) (void)CNodeCap{}.remove(slot).ok();
    }
    if (!made.ok()) {
        slots_->release(slot);
        give_back(*piece);
        return made.error();
    }
    return Object{slot, *piece};
}

void RamPool::destroy(const Object& object) {
    Status gone = CNodeCap{}.remove(object.cap);
    if (!gone.ok() && gone.error() != Error::no_capability) return;  // busy: keeps slot and memory
    slots_->release(object.cap);
    give_back(object.piece);
}

uint64_t RamPool::spare() const {
    uint64_t bytes = 0;
    for (const Block& block : blocks_) {
        for (uint64_t left = block.free; left != 0; left &= left - 1) bytes += page_size;
    }
    for (const RamPiece& cnode : cnodes_) bytes += cnode.bytes;
    return bytes;
}

Status RamPool::make_cnode(CapRef root_slot) {
    RamPiece piece = SKERRY_TRY(take(capabilities::second_level_size));
    Status made =
        CNodeCap{}.retype(root_slot, piece.ram, Type::cnode, 0, piece.offset, capabilities::second_level_size);
    if (made.ok()) {
        cnodes_[root_slot.root_index()] = piece;
    } else {
        give_back(piece);
    }
    return made;
}

Status RamPool::drop_cnode(CapRef root_slot) {
    SKERRY_ASSERT(cnodes_[root_slot.root_index()].bytes != 0);
    SKERRY_CHECK(CNodeCap{}.remove(root_slot));
    give_back(std::exchange(cnodes_[root_slot.root_index()], {}));
    return {};
}

}  // namespace skerry::runtime
