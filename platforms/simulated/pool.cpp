#include "platforms/simulated/pool.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <bit>
#include <new>

namespace skerry::simulated::pool {

namespace {

constexpr size_t range_bytes = size_t{16} << 30, page_bytes = 4096;

// In front of each piece.
struct alignas(16) Header {
    size_t list;  // log2 of its bytes, with this
    Header* next;
};

struct Pool {
    std::byte* base = nullptr;
    size_t used = 0;
    std::array<Header*, 64> free{};
};
constinit Pool the_pool;

std::byte* base() {
    if (the_pool.base != nullptr) return the_pool.base;
    void* memory =
        mmap(nullptr, range_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return the_pool.base = static_cast<std::byte*>(memory);
}

std::byte* fresh(size_t bytes, size_t alignment) {
    std::byte* from = base();
    size_t at = (the_pool.used + alignment - 1) / alignment * alignment;
    if (bytes > range_bytes || at > range_bytes - bytes) throw std::bad_alloc();
    the_pool.used = at + bytes;
    return from + at;
}

void* take(size_t bytes) {
    if (bytes > range_bytes) throw std::bad_alloc();
    auto list = static_cast<size_t>(std::bit_width(std::max<size_t>(bytes, 16) + sizeof(Header) - 1));
    Header*& first = the_pool.free[list];
    Header* piece = first;
    if (piece != nullptr) {
        first = piece->next;
    } else {
        piece = new (fresh(size_t{1} << list, alignof(Header))) Header{list, nullptr};
    }
    return piece + 1;
}

void give(void* memory) {
    if (memory == nullptr) return;
    Header* piece = static_cast<Header*>(memory) - 1;
    piece->next = the_pool.free[piece->list];
    the_pool.free[piece->list] = piece;
}

}  // namespace

std::span<std::byte> range() {
    return {base(), range_bytes};
}

void* zeroed(size_t bytes) {
    return fresh(bytes, page_bytes);
}

}  // namespace skerry::simulated::pool

namespace pool = skerry::simulated::pool;

void* operator new(size_t bytes) {
    return pool::take(bytes);
}
void* operator new[](size_t bytes) {
    return pool::take(bytes);
}
void operator delete(void* memory) noexcept {
    pool::give(memory);
}
void operator delete[](void* memory) noexcept {
    pool::give(memory);
}
void operator delete(void* memory, size_t) noexcept {
    pool::give(memory);
}
void operator delete[](void* memory, size_t) noexcept {
    pool::give(memory);
}
