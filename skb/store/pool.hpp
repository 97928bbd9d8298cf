// All memory of a knowledge base comes from one span that its owner gave: a buddy allocator over it. Nothing here
// grows by itself; a full pool is an answer (null), not an end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <type_traits>

#include "platforms/base/result.hpp"

namespace skerry::skb {

using base::Error;
using base::Result;
using base::Status;

class Pool {
  public:
    static constexpr size_t least_block = 64;

    // The span must outlive the pool. About 1.6% of it is bookkeeping.
    explicit Pool(std::span<std::byte> memory);
    Pool(const Pool&) = delete;
    Pool& operator=(const Pool&) = delete;

    // 16-byte aligned; null if there is no such block. Sizes are rounded up to a power of two.
    void* allocate(size_t bytes);
    // `bytes` as it was asked for.
    void release(void* block, size_t bytes);
    // Bytes in blocks that are handed out.
    size_t used() const { return used_; }
    size_t size() const { return size_t{blocks_} * least_block; }

    template <typename T>
    T* array(size_t count) {
        if (count > SIZE_MAX / sizeof(T)) return nullptr;
        return static_cast<T*>(allocate(count * sizeof(T)));
    }

  private:
    struct Free {
        Free *next, *previous;
    };
    static constexpr unsigned orders = 40;
    static constexpr uint8_t taken = 0xff;

    static unsigned order_of(size_t bytes);
    Free* at(uint32_t block) { return reinterpret_cast<Free*>(memory_ + size_t{block} * least_block); }
    void push(uint32_t block, unsigned order);
    void unlink(uint32_t block, unsigned order);

    std::byte* memory_ = nullptr;  // of the first block
    uint8_t* state_ = nullptr;     // by block: its order if a free one begins here, else `taken`
    uint32_t blocks_ = 0;
    size_t used_ = 0;
    std::array<Free*, orders> free_{};
};

// A growing array in a pool. Its elements may move when it grows: keep indexes, not pointers.
template <typename T>
class Growing {
    static_assert(std::is_trivially_copyable_v<T>);

  public:
    uint32_t size() const { return size_; }
    T& operator[](uint32_t index) { return items_[index]; }
    const T& operator[](uint32_t index) const { return items_[index]; }
    T* data() { return items_; }
    const T* data() const { return items_; }
    T* begin() { return items_; }
    T* end() { return items_ + size_; }

    // False, and nothing changed, if the pool has no room.
    [[nodiscard]] bool reserve(Pool& pool, uint64_t wanted) {
        if (wanted <= capacity_) return true;
        uint64_t capacity = capacity_ == 0 ? 8 : capacity_;
        while (capacity < wanted) capacity *= 2;
        if (capacity > UINT32_MAX) return false;
        T* grown = pool.array<T>(capacity);
        if (grown == nullptr) return false;
        if (size_ != 0) std::memcpy(grown, items_, size_t{size_} * sizeof(T));
        if (items_ != nullptr) pool.release(items_, size_t{capacity_} * sizeof(T));
        items_ = grown;
        capacity_ = static_cast<uint32_t>(capacity);
        return true;
    }
    [[nodiscard]] bool add(Pool& pool, const T& item) {
        if (size_ == capacity_ && !reserve(pool, uint64_t{size_} + 1)) return false;
        items_[size_++] = item;
        return true;
    }
    // Room for `count` more, which the caller fills; null if there is none.
    T* extend(Pool& pool, uint32_t count) {
        if (!reserve(pool, uint64_t{size_} + count)) return nullptr;
        size_ += count;
        return items_ + (size_ - count);
    }
    void shrink(uint32_t size) { size_ = size < size_ ? size : size_; }
    void free(Pool& pool) {
        if (items_ != nullptr) pool.release(items_, size_t{capacity_} * sizeof(T));
        *this = {};
    }

  private:
    T* items_ = nullptr;
    uint32_t size_ = 0, capacity_ = 0;
};

// Many small things that go together: a rule file, a query.
class Arena {
  public:
    explicit Arena(Pool& pool) : pool_(&pool) {}
    Arena(Arena&& other) noexcept : pool_(other.pool_), chunk_(other.chunk_), used_(other.used_) {
        other.chunk_ = nullptr;
    }
    Arena(const Arena&) = delete;
    Arena& operator=(const Arena&) = delete;
    ~Arena() { clear(); }

    void* allocate(size_t bytes);  // 16-byte aligned, zeroed; null: no room
    template <typename T>
    T* make(size_t count = 1) {
        static_assert(std::is_trivially_destructible_v<T>);
        void* memory = count > SIZE_MAX / sizeof(T) ? nullptr : allocate(count * sizeof(T));
        if (memory == nullptr) return nullptr;
        T* items = static_cast<T*>(memory);
        for (size_t i = 0; i < count; i++) new (items + i) T{};
        return items;
    }
    Pool& pool() { return *pool_; }
    void clear();
    void swap(Arena& other);

  private:
    struct Chunk {
        Chunk* previous;
        size_t size;
    };
    static constexpr size_t header = 16, usual_chunk = 4096;
    Pool* pool_;
    Chunk* chunk_ = nullptr;
    size_t used_ = 0;
};

}  // namespace skerry::skb
