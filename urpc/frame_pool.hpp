// Where coroutine frames live: equal blocks in memory that the owner gave, so that who asks pays (law 11) and
// the number of operations in flight is bounded. Constant time, no globals: the pool is an argument of every
// coroutine. A frame that is larger than a block, or one too many, is refused and the coroutine yields
// Error::no_memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "platforms/base/assert.hpp"

namespace skerry::urpc {

class FramePool {
  public:
    // Cuts `memory` (16-byte aligned) into blocks of `block` bytes, a multiple of 16. A block holds a frame
    // and 16 bytes that lead back to the pool. Frames take 80 to 300 bytes, plus the messages that they hold.
    FramePool(std::span<std::byte> memory, size_t block);
    ~FramePool() { SKERRY_ASSERT(in_use_ == 0); }
    FramePool(const FramePool&) = delete;
    FramePool& operator=(const FramePool&) = delete;

    void* take(size_t bytes);       // null: no block left, or too large
    static void give(void* frame);  // back to the pool that it came from

    size_t in_use() const { return in_use_; }
    size_t most_in_use() const { return most_in_use_; }
    size_t largest_asked() const { return largest_asked_; }  // bytes with the 16: to choose the block size

  private:
    struct Block {
        FramePool* pool;
        Block* next;  // while free
    };
    static constexpr size_t prefix = 16;
    static_assert(sizeof(Block) <= prefix);

    Block* free_ = nullptr;
    size_t block_;
    size_t in_use_ = 0;
    size_t most_in_use_ = 0;
    size_t largest_asked_ = 0;
};

// A pool with its memory in it.
template <size_t Block, size_t Count>
class StaticFramePool {
  public:
    FramePool& pool() { return pool_; }
    operator FramePool&() { return pool_; }

  private:
    alignas(16) std::byte memory_[Block * Count];
    FramePool pool_{memory_, Block};
};

}  // namespace skerry::urpc
