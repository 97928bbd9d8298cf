// What a message costs, out of what was measured.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace skerry::usr::prices {

// In cycles of the sender's counter; both at least 1.
struct Price {
    uint32_t latency = 0;    // half a round trip of one line
    uint32_t occupancy = 0;  // what the sender itself has to do for one more line that is answered
};

class Series {
  public:
    static constexpr uint32_t most = 64, steady_from = 12;
    bool full() const { return count_ == most; }
    uint32_t size() const { return count_; }
    void add(uint64_t value) {
        if (!full()) values_[count_++] = value;
    }
    // Enough of them agree: between the quarters lies at most an eighth of the median. Reorders.
    bool steady() {
        if (count_ < steady_from) return false;
        auto quarter = [&](uint32_t number) {
            std::nth_element(values_.begin(), values_.begin() + number * count_ / 4, values_.begin() + count_);
            return values_[number * count_ / 4];
        };
        uint64_t low = quarter(1), high = quarter(3);
        return high - low <= median() / 8;
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

// `one`: ticks from a line's sending to its answer; `own`: of the sender alone, to send `lines` of them and to take their answers. The
// sender's own work is a part of `one`, and what is left is there and back: an answered message takes the occupancy and two
// latencies, as skb/rules/logp.pl adds them up. A preempted sender or an emulator may take longer than fits: the largest number
// that does; own work that seems longer than half of `one` counts as half of it there.
inline Price price_of(uint64_t one, uint64_t own, uint32_t lines) {
    auto fitting = [](uint64_t ticks) { return static_cast<uint32_t>(std::clamp<uint64_t>(ticks, 1, ~uint32_t{0})); };
    uint64_t occupancy = own / lines;
    return {fitting((one - std::min(occupancy, one / 2)) / 2), fitting(occupancy)};
}

}  // namespace skerry::usr::prices
