// A list with room for N elements in itself: what a parser returns where there is no heap.
#pragma once

#include <cstdint>

#include "platforms/base/assert.hpp"

namespace skerry::base {

template <typename T, uint32_t N>
class Bounded {
  public:
    static constexpr uint32_t capacity = N;

    // False, and nothing changed, if there is no room.
    [[nodiscard]] bool add(const T& item) {
        if (count_ == N) return false;
        items_[count_++] = item;
        return true;
    }
    // As add(), before element `index`.
    [[nodiscard]] bool insert(uint32_t index, const T& item) {
        SKERRY_ASSERT(index <= count_);
        if (count_ == N) return false;
        for (uint32_t i = count_; i > index; --i) items_[i] = items_[i - 1];
        items_[index] = item;
        ++count_;
        return true;
    }
    void clear() { count_ = 0; }

    uint32_t size() const { return count_; }
    bool empty() const { return count_ == 0; }
    T& operator[](uint32_t index) {
        SKERRY_ASSERT(index < count_);
        return items_[index];
    }
    const T& operator[](uint32_t index) const {
        SKERRY_ASSERT(index < count_);
        return items_[index];
    }
    T* begin() { return items_; }
    T* end() { return items_ + count_; }
    const T* begin() const { return items_; }
    const T* end() const { return items_ + count_; }

  private:
    T items_[N]{};
    uint32_t count_ = 0;
};

}  // namespace skerry::base
