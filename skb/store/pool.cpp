#include "skb/store/pool.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace skerry::skb {

Pool::Pool(std::span<std::byte> memory) {
    auto start = reinterpret_cast<uintptr_t>(memory.data());
    uintptr_t aligned = (start + least_block - 1) & ~uintptr_t{least_block - 1};
    size_t lost = aligned - start;
    if (memory.size() < lost + 2 * least_block) return;
    size_t room = memory.size() - lost;
    // A byte of state for each block: n blocks and n bytes, rounded up to a block, fit.
    size_t blocks = std::min<size_t>((room - least_block) / (least_block + 1), UINT32_MAX - 1);
    size_t states = (blocks + least_block - 1) & ~(least_block - 1);
    state_ = reinterpret_cast<uint8_t*>(aligned);
    memory_ = reinterpret_cast<std::byte*>(aligned + states);
    blocks_ = static_cast<uint32_t>(blocks);
    std::memset(state_, taken, states);
    // The greatest aligned power of two, again and again.
    for (uint32_t block = 0; block < blocks_;) {
        unsigned order = block == 0 ? 31 : static_cast<unsigned>(std::countr_zero(block));
        while ((uint64_t{1} << order) > blocks_ - block) order--;
        push(block, order);
        block += uint32_t{1} << order;
    }
}

unsigned Pool::order_of(size_t bytes) {
    size_t blocks = (std::max<size_t>(bytes, 1) + least_block - 1) / least_block;
    return static_cast<unsigned>(std::bit_width(blocks - 1));
}

void Pool::push(uint32_t block, unsigned order) {
    state_[block] = static_cast<uint8_t>(order);
    Free* head = free_[order];
    Free* made = new (at(block)) Free{head, nullptr};
    if (head != nullptr) head->previous = made;
    free_[order] = made;
}

void Pool::unlink(uint32_t block, unsigned order) {
    state_[block] = taken;
    Free* gone = at(block);
    (gone->previous != nullptr ? gone->previous->next : free_[order]) = gone->next;
    if (gone->next != nullptr) gone->next->previous = gone->previous;
}

void* Pool::allocate(size_t bytes) {
    if (bytes > size()) return nullptr;
    unsigned wanted = order_of(bytes), order = wanted;
    while (order < orders && free_[order] == nullptr) order++;
    if (order >= orders) return nullptr;
    auto block = static_cast<uint32_t>((reinterpret_cast<std::byte*>(free_[order]) - memory_) / least_block);
    unlink(block, order);
    while (order > wanted) {
        order--;
        push(block + (uint32_t{1} << order), order);
    }
    used_ += least_block << wanted;
    return at(block);
}

void Pool::release(void* released, size_t bytes) {
    unsigned order = order_of(bytes);
    auto block = static_cast<uint32_t>((static_cast<std::byte*>(released) - memory_) / least_block);
    SKERRY_ASSERT(block < blocks_ && state_[block] == taken);
    used_ -= least_block << order;
    for (; order + 1 < orders; order++) {
        uint64_t buddy = block ^ (uint64_t{1} << order);
        if (buddy + (uint64_t{1} << order) > blocks_ || state_[buddy] != order) break;
        unlink(static_cast<uint32_t>(buddy), order);
        block = std::min(block, static_cast<uint32_t>(buddy));
    }
    push(block, order);
}

void* Arena::allocate(size_t bytes) {
    if (bytes > SIZE_MAX / 2) return nullptr;
    bytes = (bytes + 15) & ~size_t{15};
    if (chunk_ == nullptr || chunk_->size - used_ < bytes) {
        size_t size = std::bit_ceil(std::max(usual_chunk, bytes + header));
        auto* made = static_cast<Chunk*>(pool_->allocate(size));
        if (made == nullptr) return nullptr;
        *made = {chunk_, size};
        chunk_ = made;
        used_ = header;
    }
    void* memory = reinterpret_cast<std::byte*>(chunk_) + used_;
    used_ += bytes;
    std::memset(memory, 0, bytes);
    return memory;
}

void Arena::clear() {
    while (chunk_ != nullptr) {
        Chunk* previous = chunk_->previous;
        pool_->release(chunk_, chunk_->size);
        chunk_ = previous;
    }
    used_ = 0;
}

void Arena::swap(Arena& other) {
    std::swap(pool_, other.pool_);
    std::swap(chunk_, other.chunk_);
    std::swap(used_, other.used_);
}

}  // namespace skerry::skb
