// Shares of one core as fixed-point numbers, and the limits of what may be reserved.
#pragma once

#include <array>
#include <cstdint>

#include "platforms/base/assert.hpp"
#include "platforms/base/result.hpp"

namespace skerry::cpudriver {

constexpr uint32_t rate_one = 1 << 30;  // the whole core
// All hard reservations together: 90%, and something for the rounding up of each.
constexpr uint32_t hard_limit = rate_one / 10 * 9 + 1000;
// Promised to best effort whatever the hard ones do. The 2% in between pay for the driver's late timers; best
// effort also gets whatever a reservation leaves, so it never has less than 10% on average.
constexpr uint32_t best_effort_percent = 8;
constexpr uint64_t shortest_budget = 10'000;         // ns; below it a switch costs more than the budget
constexpr uint64_t longest_period = 10'000'000'000;  // ns; times rate_one it still fits 64 bits
static_assert(longest_period < UINT64_MAX / rate_one);

// Rounded up, so that a sum of rates never says less than what is promised. invalid_argument: out of limits.
inline base::Result<uint32_t> rate_of(uint64_t budget, uint64_t period) {
    if (budget < shortest_budget || budget > period || period > longest_period) {
        return base::Error::invalid_argument;
    }
    return static_cast<uint32_t>((budget * rate_one + period - 1) / period);
}

// A reservation that ends has perhaps used its budget at the start of its period: its rate is free for others
// only when that period is over. The ends are sorted into bins of 268 ms, enough for the longest period.
class ReturnedRates {
  public:
    // `until` is at most longest_period after `now`.
    void add(uint32_t rate, uint64_t until, uint64_t now) {
        expire(now);
        if (until <= now) return;
        SKERRY_ASSERT(until - now <= longest_period);
        bins_[(until >> bin_shift) % bins_.size()] += rate;
        total_ += rate;
        SKERRY_ASSERT(total_ <= rate_one);
    }
    uint32_t total(uint64_t now) {
        expire(now);
        return total_;
    }

  private:
    // Empties all bins that end at or before `now`; at most one turn.
    void expire(uint64_t now) {
        uint64_t bin = now >> bin_shift;
        SKERRY_ASSERT(bin >= oldest_);
        if (bin - oldest_ > bins_.size()) oldest_ = bin - bins_.size();
        for (; oldest_ < bin; oldest_++) {
            uint32_t& ended = bins_[oldest_ % bins_.size()];
            SKERRY_ASSERT(total_ >= ended);
            total_ -= ended;
            ended = 0;
        }
    }

    static constexpr uint32_t bin_shift = 28;
    std::array<uint32_t, 64> bins_{};
    static_assert(longest_period >> bin_shift < 63);
    uint64_t oldest_ = 0;  // the first bin that may hold anything
    uint32_t total_ = 0;
};

}  // namespace skerry::cpudriver
