// Along which tree an order goes, where somebody has chosen one: cores in preorder, two bytes each, the core and how many
// are below it. So what a member passes on is a piece of what it got; and a core that is left out leaves its place to
// those below it.
//
//        (root)                  5 2   6 0   7 0   1 0      the root asks 5, then 1; 5 asks 6, then 7
//        5    1
//       6 7
//
// Whoever passes an order on has a smaller index than those below it, as in a round without a tree (round.hpp): monitors
// that wait for each other's answers never form a circle, whichever trees their orders go along. The root may be any core.
#pragma once

#include <array>
#include <span>

#include "monitor/core_set.hpp"
#include "platforms/base/result.hpp"

namespace skerry::monitor::agreement {

// A view: whoever has the bytes keeps them.
class OrderTree {
  public:
    static constexpr uint32_t most = CoreSet::capacity - 1;

    OrderTree() = default;
    // Errors: corrupt (no tree, a core twice, or one below a greater one).
    static base::Result<OrderTree> of(std::span<const uint8_t> bytes);

    uint32_t size() const { return static_cast<uint32_t>(bytes_.size() / 2); }
    bool empty() const { return bytes_.empty(); }
    base::CoreId core(uint32_t at) const { return base::CoreId{bytes_[2 * at]}; }
    uint32_t below(uint32_t at) const { return bytes_[2 * at + 1]; }
    // Of what lies below one core: a tree again, for which it is the root.
    OrderTree part(uint32_t first, uint32_t count) const {
        OrderTree tree;
        tree.bytes_ = bytes_.subspan(2 * first, 2 * count);
        return tree;
    }
    std::span<const uint8_t> bytes() const { return bytes_; }

    // The same over some of its cores, two bytes each into `out`: those below one that is left out come to the one above it.
    // False: a member is not in it.
    bool over(const CoreSet& members, std::span<uint8_t> out) const;
    bool operator==(const OrderTree& other) const {
        return bytes_.data() == other.bytes_.data() && bytes_.size() == other.bytes_.size();
    }

  private:
    std::span<const uint8_t> bytes_;
};

}  // namespace skerry::monitor::agreement
