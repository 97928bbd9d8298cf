// The buddy allocator of one region (Knuth, The Art of Computer Programming 1, 2.5, algorithm R and S).
// A block of order k has 4 KiB << k bytes and a physical base that is a multiple of its size, so that any
// block can become a page table, a large page or a kernel object. The region itself may start and end at any
// page:
//
//   region     |--|----|--------|----------------|----|-|      the only way to cut it into the largest
//   order       1   2      3            4           2  0       aligned blocks: this is what is free at rest
//
// Free blocks of an order are bits of a BitTree; the lowest address is granted first. No allocation, no
// recursion.
#pragma once

#include <cstdint>
#include <span>

#include "platforms/base/result.hpp"
#include "urpc/protocols/memory.hpp"
#include "usr/memory/bit_tree.hpp"

namespace skerry::usr::memory {

struct Block {
    uint64_t base = 0;  // physical
    uint32_t order = 0;
    constexpr uint64_t size() const { return uint64_t{urpc::memory::minimum_block} << order; }
    constexpr bool operator==(const Block&) const = default;
};

class Buddy {
  public:
    static constexpr uint32_t orders = 28;  // the largest block: 512 GiB
    static constexpr uint64_t page = urpc::memory::minimum_block;

    // Words of storage for a region; the region must satisfy acceptable().
    static uint64_t words_needed(uint64_t base, uint64_t size);
    // Page-aligned, not empty, does not wrap.
    static bool acceptable(uint64_t base, uint64_t size);

    Buddy() = default;
    // All of [base, base + size) is free. Storage: exactly words_needed() words, outside of the region's free
    // part.
    Buddy(uint64_t base, uint64_t size, std::span<uint64_t> storage);

    // The smallest order whose blocks hold `bytes` and are aligned to `alignment`.
    // Errors: invalid_argument (0 bytes, alignment neither 0 nor a power of two), no_memory (beyond all
    // orders).
    static base::Result<uint32_t> order_for(uint64_t bytes, uint64_t alignment);

    // Errors: no_memory.
    base::Result<Block> allocate(uint32_t order);
    // Takes back a block that allocate() gave, and merges. Freeing anything else is a fault of the caller's.
    void release(Block block);

    uint64_t base() const { return base_; }
    uint64_t size() const { return end_ - base_; }
    uint64_t free_bytes() const { return free_; }
    uint64_t largest_free() const;  // bytes
    uint64_t shape() const;         // of the list of free blocks: a sum over their hashes
    bool is_free(Block block) const { return free_of(block.order).has(index(block)); }
    bool contains(uint64_t address) const { return address >= base_ && address < end_; }

  private:
    static uint64_t members(uint64_t base, uint64_t end, uint32_t order);
    const BitTree& free_of(uint32_t order) const {
        SKERRY_ASSERT(order < orders);
        return free_blocks_[order];
    }
    uint64_t index(Block block) const { return block.base / block.size() - base_ / block.size(); }
    Block block_at(uint64_t index, uint32_t order) const;
    bool inside(Block block) const { return block.base >= base_ && block.base + block.size() <= end_; }
    void insert(Block block);
    void remove(Block block);

    uint64_t base_ = 0;
    uint64_t end_ = 0;
    uint64_t free_ = 0;
    BitTree free_blocks_[orders];
};

}  // namespace skerry::usr::memory
