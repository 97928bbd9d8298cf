#include "urpc/frame_pool.hpp"

#include <new>

namespace skerry::urpc {

FramePool::FramePool(std::span<std::byte> memory, size_t block) : block_(block) {
    SKERRY_ASSERT(block % 16 == 0 && block > prefix);
    SKERRY_ASSERT(reinterpret_cast<uintptr_t>(memory.data()) % 16 == 0);
    for (size_t at = memory.size() / block * block; at > 0; at -= block) {
        free_ = new (memory.data() + at - block) Block{this, free_};
    }
}

void* FramePool::take(size_t bytes) {
    size_t needed = bytes + prefix;
    if (needed > largest_asked_) largest_asked_ = needed;
    if (needed > block_ || !free_) return nullptr;
    Block* block = free_;
    free_ = block->next;
    if (++in_use_ > most_in_use_) most_in_use_ = in_use_;
    return reinterpret_cast<std::byte*>(block) + prefix;
}

void FramePool::give(void* frame) {
    auto* block = reinterpret_cast<Block*>(static_cast<std::byte*>(frame) - prefix);
    FramePool& pool = *block->pool;
    SKERRY_ASSERT(pool.in_use_ > 0);
    --pool.in_use_;
    block->next = pool.free_;
    pool.free_ = block;
}

}  // namespace skerry::urpc
