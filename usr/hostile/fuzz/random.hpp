// The numbers of the fuzzers: the same seed gives the same program, on any machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace skerry::usr::hostile {

// SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
class Random {
  public:
    explicit Random(uint64_t seed) : state_(seed) {}

    uint64_t next() {
        uint64_t z = state_ += 0x9e3779b97f4a7c15;
        z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
        z = (z ^ z >> 27) * 0x94d049bb133111eb;
        return z ^ z >> 31;
    }
    uint64_t below(uint64_t limit) { return next() % limit; }  // limit > 0
    bool one_in(uint64_t n) { return below(n) == 0; }
    template <typename T, size_t N>
    T one_of(const T (&items)[N]) {
        return items[below(N)];
    }
    // A word that code is likely to stumble over: small, at a boundary, an address, or anything.
    uint64_t awkward() {
        static constexpr uint64_t edges[] = {0,
                                             1,
                                             4096,
                                             4095,
                                             65536,
                                             1 << 21,
                                             uint64_t{1} << 31,
                                             uint64_t{1} << 32,
                                             uint64_t{1} << 47,
                                             uint64_t{1} << 56,
                                             uint64_t{1} << 63,
                                             (uint64_t{1} << 63) - 1,
                                             0x7f80'0000'0000,
                                             0xffff'8000'0000'0000,
                                             ~uint64_t{0},
                                             ~uint64_t{4095}};
        switch (below(4)) {
            case 0:
                return below(16);
            case 1:
                return one_of(edges) + below(3) - 1;
            case 2:
                return uint64_t{1} << below(64);
            default:
                return next();
        }
    }

  private:
    uint64_t state_;
};

}  // namespace skerry::usr::hostile
