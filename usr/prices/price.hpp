// What a message costs, out of what was measured.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace skerry::usr::prices {

// In cycles of the sender's counter; both at least 1.
struct Price {
    uint32_t latency = 0;    // half a round trip of one line
    uint32_t occupancy = 0;  // how much longer the sender takes for one more line that is answered
};

class Series {
  public:
    static constexpr uint32_t most = 64;
    bool full() const { return count_ == most; }
    uint32_t size() const { return count_; }
    void add(uint64_t value) {
        if (!full()) values_[count_++] = value;
    }
    // Reorders. The upper one of an even number; 0 of none.
    uint64_t median() {
        if (count_ == 0) return 0;
        std::nth_element(values_.begin(), values_.begin() + count_ / 2, values_.begin() + count_);
        return values_[count_ / 2];
    }

  private:
    std::array<uint64_t, most> values_{};
    uint32_t count_ = 0;
};

// `one`: ticks from a line's sending to its answer; `several`: the same for `lines` of them sent at once. A preempted sender
// or an emulator may take longer than fits: the largest number that does.
inline Price price_of(uint64_t one, uint64_t several, uint32_t lines) {
    auto fitting = [](uint64_t ticks) { return static_cast<uint32_t>(std::clamp<uint64_t>(ticks, 1, ~uint32_t{0})); };
    return {fitting(one / 2), fitting(several <= one ? 1 : (several - one) / (lines - 1))};
}

}  // namespace skerry::usr::prices
