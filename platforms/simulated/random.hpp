// Numbers from a seed: the same on every machine. xorshift64* (Vigna 2016), seeded by splitmix64 (Steele and others 2014).
#pragma once

#include <cstdint>

namespace skerry::simulated {

class Random {
  public:
    explicit Random(uint64_t seed) {
        seed += 0x9e37'79b9'7f4a'7c15;
        seed = (seed ^ seed >> 30) * 0xbf58'476d'1ce4'e5b9;
        seed = (seed ^ seed >> 27) * 0x94d0'49bb'1331'11eb;
        state_ = (seed ^ seed >> 31) | 1;
    }
    uint64_t next() {
        state_ ^= state_ >> 12, state_ ^= state_ << 25, state_ ^= state_ >> 27;
        return state_ * 0x2545'f491'4f6c'dd1d >> 16;
    }
    uint64_t below(uint64_t bound) { return next() % bound; }
    bool one_in(uint64_t n) { return n != 0 && next() % n == 0; }  // 0: never

  private:
    uint64_t state_;
};

}  // namespace skerry::simulated
