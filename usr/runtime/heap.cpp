#include "usr/runtime/heap.hpp"

#include <new>

#include "platforms/base/assert.hpp"
#include "platforms/base/ids.hpp"

namespace skerry::runtime {

using base::round_up;

Heap::Heap(std::span<std::byte> range) {
    start(range);
}

void Heap::start(std::span<std::byte> range) {
    SKERRY_ASSERT(first_ == nullptr && used_ == 0);
    SKERRY_ASSERT(reinterpret_cast<uintptr_t>(range.data()) % unit == 0);
    range_ = range.first(range.size() / unit * unit);
    if (range_.size() >= sizeof(FreeBlock)) first_ = new (range_.data()) FreeBlock{range_.size(), nullptr};
}

void* Heap::allocate(size_t bytes, size_t alignment) {
    if (bytes == 0) bytes = 1;
    if (alignment < unit) alignment = unit;
    if (bytes > range_.size() || alignment > range_.size() || (alignment & (alignment - 1)) != 0) return nullptr;
    for (FreeBlock** link = &first_; *link != nullptr; link = &(*link)->next) {
        FreeBlock* block = *link;
        auto start = reinterpret_cast<uintptr_t>(block);
        uintptr_t user = round_up(start + sizeof(Header), alignment);
        size_t need = user - start + round_up(bytes, unit);
        if (need > block->bytes) continue;
        size_t rest = block->bytes - need;
        FreeBlock* next = block->next;
        if (rest >= 2 * unit) {
            next = new (reinterpret_cast<void*>(start + need)) FreeBlock{rest, block->next};
        } else {
            need += rest;
        }
        *link = next;
        size_t padding = user - sizeof(Header) - start;
        new (reinterpret_cast<void*>(user - sizeof(Header))) Header{need, padding | mark};
        used_ += need;
        return reinterpret_cast<void*>(user);
    }
    return nullptr;
}

void Heap::free(void* pointer) {
    if (pointer == nullptr) return;
    auto user = reinterpret_cast<uintptr_t>(pointer);
    auto begin = reinterpret_cast<uintptr_t>(range_.data());
    SKERRY_ASSERT(user >= begin + sizeof(Header) && user < begin + range_.size() && user % unit == 0);
    auto* header = reinterpret_cast<Header*>(user - sizeof(Header));
    SKERRY_ASSERT((header->padding & 0xffff'ffff'0000'0000) == mark);
    size_t padding = header->padding & 0xffff'ffff, bytes = header->bytes;
    header->padding = 0;  // a second free is noticed
    used_ -= bytes;
    insert(new (reinterpret_cast<void*>(user - sizeof(Header) - padding)) FreeBlock{bytes, nullptr});
}

void Heap::insert(FreeBlock* block) {
    auto end = [](FreeBlock* b) { return reinterpret_cast<FreeBlock*>(reinterpret_cast<std::byte*>(b) + b->bytes); };
    FreeBlock* before = nullptr;
    FreeBlock* after = first_;
    while (after != nullptr && after < block) {
        before = after;
        after = after->next;
    }
    SKERRY_ASSERT(after == nullptr || end(block) <= after);
    block->next = after;
    (before != nullptr ? before->next : first_) = block;
    if (after != nullptr && end(block) == after) {
        block->bytes += after->bytes;
        block->next = after->next;
    }
    if (before != nullptr && end(before) == block) {
        before->bytes += block->bytes;
        before->next = block->next;
    }
}

}  // namespace skerry::runtime
