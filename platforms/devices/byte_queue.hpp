// A first-in, first-out buffer of N bytes, in place.
#pragma once

#include <array>
#include <cstddef>

#include "platforms/base/assert.hpp"

namespace skerry::platforms {

template <size_t N>
class ByteQueue {
  public:
    bool empty() const { return count_ == 0; }
    size_t size() const { return count_; }
    size_t room() const { return N - count_; }
    void clear() { first_ = count_ = 0; }
    // False: no room, nothing was stored.
    bool push(char byte) {
        if (count_ == N) return false;
        bytes_[(first_ + count_++) % N] = byte;
        return true;
    }
    char pop() {
        SKERRY_ASSERT(count_ != 0);
        char byte = bytes_[first_];
        first_ = (first_ + 1) % N;
        --count_;
        return byte;
    }

  private:
    std::array<char, N> bytes_{};
    size_t first_ = 0;
    size_t count_ = 0;
};

}  // namespace skerry::platforms
