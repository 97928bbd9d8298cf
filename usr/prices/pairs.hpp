// Which pairs of cores are measured: all of a small machine, a sample of a large one. Each pair in both directions.
//
// Up to 8 cores: all. Beyond that, until there are 200:
//   1. the first core of each package with that of each other, the root standing for its own package
//   2. that first core with each other core of its package
//   3. the root with each core
//   4. the other cores of a package with each other
// So the classes of the rules, within a package and between two (skb/rules/logp.pl), are there as long as any are.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "platforms/base/ids.hpp"

namespace skerry::usr::prices {

constexpr uint32_t cores_maximum = 64;   // that take part
constexpr uint32_t all_pairs_up_to = 8;  // cores
constexpr uint32_t pairs_maximum = 200;  // ordered; what is told of them fits a rule file

struct Place {
    base::CoreId core;
    base::PackageId package;
};
// Indices of places.
struct Pair {
    uint32_t from, to;
    bool operator==(const Pair&) const = default;
};

class Pairs {
  public:
    // The first place is the root. At most cores_maximum places, each core once.
    explicit Pairs(std::span<const Place> places);
    std::span<const Pair> all() const { return std::span(pairs_).first(count_); }

  private:
    void add(uint32_t one, uint32_t other);
    // Those that `wanted(i, j)` lets in, i before j.
    template <typename Wanted>
    void add_where(Wanted&& wanted);

    std::span<const Place> places_;
    uint32_t count_ = 0;
    std::array<std::array<bool, cores_maximum>, cores_maximum> known_{};
    std::array<Pair, pairs_maximum> pairs_{};
};

}  // namespace skerry::usr::prices
