// Samples of one metric, and what is said about them.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace skerry::bench {

struct Summary {
    uint64_t median = 0, min = 0, p99 = 0;
    uint32_t samples = 0;
};

// As many as asked for, two thousand at most, after a warm-up that its user throws away; too large for a stack.
class Samples {
  public:
    static constexpr uint32_t wanted = 2000;
    static constexpr uint32_t warm_up = 200;

    void clear(uint32_t limit = wanted) {
        count_ = 0;
        limit_ = std::min(limit, most_);
    }
    // From the next clear() on at most so many.
    void shorten(uint32_t most) { most_ = std::min(most, wanted); }
    uint32_t limit() const { return limit_; }
    bool full() const { return count_ == limit_; }
    void add(uint64_t value) {
        if (!full()) values_[count_++] = value;
    }
    // Sorts. All zero if there are none.
    Summary summary() {
        if (count_ == 0) return {};
        std::sort(values_.begin(), values_.begin() + count_);
        return {values_[count_ / 2], values_[0], values_[count_ - 1 - count_ / 100], count_};
    }

  private:
    std::array<uint64_t, wanted> values_{};
    uint32_t count_ = 0, limit_ = wanted, most_ = wanted;
};

}  // namespace skerry::bench
