// A heap in one range of addresses: first fit in a list of free blocks sorted by address, neighbours merged.
// Pages are touched only when used, so the range may be lazily mapped. For small amounts; usr/threads brings
// a better one.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace skerry::runtime {

class Heap {
  public:
    Heap() = default;
    explicit Heap(std::span<std::byte> range);  // 16-byte aligned
    Heap(const Heap&) = delete;
    Heap& operator=(const Heap&) = delete;

    // 16-byte aligned, or more if asked (a power of two). null: no room. Zero bytes count as one.
    void* allocate(size_t bytes, size_t alignment = 16);
    // null is allowed; anything else must come from allocate. Asserts on a second free.
    void free(void* pointer);
    size_t used() const { return used_; }  // bytes, headers included

    void start(std::span<std::byte> range);

  private:
    struct FreeBlock {
        size_t bytes;
        FreeBlock* next;
    };
    struct Header {      // before each allocated block
        size_t bytes;    // of header, padding and block
        size_t padding;  // from the start of the memory to the header, and a mark
    };
    static constexpr size_t unit = 16;
    static constexpr size_t mark = 0x5eaf'00d0'0000'0000;
    void insert(FreeBlock* block);

    FreeBlock* first_ = nullptr;
    std::span<std::byte> range_;
    size_t used_ = 0;
};

}  // namespace skerry::runtime
