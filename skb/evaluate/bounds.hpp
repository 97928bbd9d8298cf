// Branch and bound: between which numbers a variable can lie, known before all goals of an optimum were tried. A way
// whose first key cannot become as good as the best is left.
#pragma once

#include <array>

#include "skb/program/clause.hpp"
#include "skb/read/term.hpp"

namespace skerry::skb {

struct Interval {
    int64_t low = INT64_MIN, high = INT64_MAX;  // the extremes stand for "unknown"
};

struct Bounds {
    bool useful = false;
    std::array<Interval, most_variables> of;  // by variable, from the rows that can match when the optimum begins
};

// Of left KIND right, from intervals that hold them.
Interval combine(Expression::Kind kind, Interval left, Interval right);

}  // namespace skerry::skb
