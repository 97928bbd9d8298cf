#include "usr/memory/buddy.hpp"

namespace skerry::usr::memory {

using base::Error;
using base::Result;

bool Buddy::acceptable(uint64_t base, uint64_t size) {
    return size != 0 && base % page == 0 && size % page == 0 && base + size > base;
}

// Numbers of blocks of this order that touch the region: the index space of its bits.
uint64_t Buddy::members(uint64_t base, uint64_t end, uint32_t order) {
    uint64_t size = page << order;
    return (end - 1) / size - base / size + 1;
}

uint64_t Buddy::words_needed(uint64_t base, uint64_t size) {
    SKERRY_ASSERT(acceptable(base, size));
    uint64_t words = 0;
    for (uint32_t order = 0; order < orders; ++order) {
        words += BitTree::words_needed(members(base, base + size, order));
    }
    return words;
}

Buddy::Buddy(uint64_t base, uint64_t size, std::span<uint64_t> storage) : base_(base), end_(base + size) {
    SKERRY_ASSERT(acceptable(base, size));
    SKERRY_ASSERT(storage.size() == words_needed(base, size));
    for (uint32_t order = 0; order < orders; ++order) {
        uint64_t count = members(base_, end_, order);
        uint64_t words = BitTree::words_needed(count);
        free_blocks_[order] = BitTree(count, storage.first(words));
        storage = storage.subspan(words);
    }
    for (uint64_t at = base_; at < end_;) {
        Block block{at, orders - 1};
        while (at % block.size() != 0 || block.size() > end_ - at) --block.order;
        insert(block);
        at += block.size();
    }
}

Result<uint32_t> Buddy::order_for(uint64_t bytes, uint64_t alignment) {
    if (bytes == 0 || (alignment & (alignment - 1)) != 0) return Error::invalid_argument;
    uint64_t needed = bytes > alignment ? bytes : alignment;
    for (uint32_t order = 0; order < orders; ++order) {
        if ((page << order) >= needed) return order;
    }
    return Error::no_memory;
}

Result<Block> Buddy::allocate(uint32_t order) {
    SKERRY_ASSERT(order < orders);
    uint32_t from = order;
    while (from < orders && free_blocks_[from].empty()) ++from;
    if (from == orders) return Error::no_memory;
    Block block = block_at(free_blocks_[from].least(), from);
    remove(block);
    while (block.order > order) {  // keep the lower half, free the upper
        --block.order;
        insert(Block{block.base + block.size(), block.order});
    }
    return block;
}

void Buddy::release(Block block) {
    SKERRY_ASSERT(block.order < orders && block.base % block.size() == 0 && inside(block));
    SKERRY_ASSERT(!is_free(block));
    while (block.order + 1 < orders) {
        Block buddy{block.base ^ block.size(), block.order};
        if (!inside(buddy) || !is_free(buddy)) break;
        remove(buddy);
        block = Block{block.base & buddy.base, block.order + 1};
    }
    insert(block);
}

uint64_t Buddy::largest_free() const {
    for (uint32_t order = orders; order-- > 0;) {
        if (!free_blocks_[order].empty()) return page << order;
    }
    return 0;
}

Block Buddy::block_at(uint64_t index, uint32_t order) const {
    uint64_t size = page << order;
    return Block{(base_ / size + index) * size, order};
}

namespace {
// The finaliser of SplitMix64 (Steele, Lea and Flood 2014); a base has room for the order in its low bits.
constexpr uint64_t hash_of(Block block) {
    uint64_t z = (block.base | block.order) + 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}
}  // namespace

uint64_t Buddy::shape() const {
    uint64_t sum = 0;
    for (uint32_t order = 0; order < orders; ++order) {
        const BitTree& blocks = free_blocks_[order];
        for (uint64_t i = blocks.least(); i != BitTree::none; i = blocks.next(i)) sum += hash_of(block_at(i, order));
    }
    return sum;
}

void Buddy::insert(Block block) {
    free_blocks_[block.order].insert(index(block));
    free_ += block.size();
}

void Buddy::remove(Block block) {
    free_blocks_[block.order].remove(index(block));
    SKERRY_ASSERT(free_ >= block.size());
    free_ -= block.size();
}

}  // namespace skerry::usr::memory
