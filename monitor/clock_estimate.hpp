// How far another core's clock is ahead of ours, from exchanges of four time stamps: t1 sent, t2 received there, t3
// answered there, t4 received here. The exchange with the shortest round trip tells best (Cristian 1989; RFC 5905):
//   offset = ((t2 - t1) + (t3 - t4)) / 2, wrong by at most half of (t4 - t1) - (t3 - t2)
#pragma once

#include <cstdint>

namespace skerry::monitor {

class ClockEstimate {
  public:
    void add(uint64_t t1, uint64_t t2, uint64_t t3, uint64_t t4) {
        if (t4 < t1 || t3 < t2 || t4 - t1 < t3 - t2) return;  // a clock that ran backwards: not an exchange
        uint64_t error = ((t4 - t1) - (t3 - t2)) / 2;
        if (valid_ && error >= error_) return;
        auto there = static_cast<int64_t>(t2 - t1), back = static_cast<int64_t>(t3 - t4);
        offset_ = there / 2 + back / 2;
        error_ = error;
        valid_ = true;
    }
    bool valid() const { return valid_; }
    // Whether more exchanges are not worth their time.
    bool good() const { return valid_ && error_ <= good_error; }
    int64_t offset() const { return offset_; }  // ns to add to our clock
    uint64_t error() const { return error_; }   // ns

  private:
    static constexpr uint64_t good_error =
        50'000;  // ns: far below what a core of a virtual machine may lose its turn for

    int64_t offset_ = 0;
    uint64_t error_ = 0;
    bool valid_ = false;
};

// Whether a sleep of `asked` ns was one: it took at least as long, not absurdly longer, and the other clock saw the same
// time pass, give or take 1/16 and both exchanges' error.
constexpr bool plausible_sleep(uint64_t asked, uint64_t ours, uint64_t theirs, uint64_t error) {
    constexpr uint64_t longest = 1'000'000'000;  // ns: an emulated core may wait its turn
    uint64_t difference = ours > theirs ? ours - theirs : theirs - ours;
    return ours >= asked && ours <= asked + longest && difference <= ours / 16 + error;
}

// Whether our clock is the other's or behind it: `offset` is what it lacks, `error` what the exchange may be wrong by. It
// cannot be set back; `negligible` ns of advance are no harm.
constexpr bool not_ahead(int64_t offset, uint64_t error) {
    constexpr int64_t negligible = 1'000'000;  // ns
    return offset + static_cast<int64_t>(error) >= -negligible;
}

}  // namespace skerry::monitor
