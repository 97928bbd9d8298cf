// Which pairs of the cores that take part (sample.hpp) are measured: all of a few, a sample of more. Each pair in both directions.
//
// Up to 8 cores: all. Beyond that, until there are 200:
//   1. the root with each core
//   2. the first core of each other package with each other core of it, the root standing for its own package
//   3. those first cores with each other
//   4. the other cores of a package with each other
// The first two always fit.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "usr/prices/sample.hpp"

namespace skerry::usr::prices {

constexpr uint32_t all_pairs_up_to = 8;  // cores
constexpr uint32_t pairs_maximum = 200;  // ordered; what is told of them fits a rule file

// Indices of places.
struct Pair {
    uint32_t from, to;
    bool operator==(const Pair&) const = default;
};

class Pairs {
  public:
    // The first place is the root. At most members_maximum places, each core once.
    explicit Pairs(std::span<const Place> places);
    std::span<const Pair> all() const { return std::span(pairs_).first(count_); }

  private:
    void add(uint32_t one, uint32_t other);
    // Those that `wanted(i, j)` lets in, i before j.
    template <typename Wanted>
    void add_where(Wanted&& wanted);

    std::span<const Place> places_;
    uint32_t count_ = 0;
    std::array<std::array<bool, members_maximum>, members_maximum> known_{};
    std::array<Pair, pairs_maximum> pairs_{};
};

}  // namespace skerry::usr::prices
