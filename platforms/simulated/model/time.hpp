// Virtual time. Whole numbers, so that a run is the same everywhere: law 8.
#pragma once

#include <cstdint>

namespace skerry::simulated::model {

using Time = uint64_t;          // of a cycle, this many:
constexpr Time one_cycle = 64;  // parts
constexpr Time never = UINT64_MAX;

constexpr Time cycles(double count) {
    return static_cast<Time>(count * static_cast<double>(one_cycle) + 0.5);
}
constexpr double in_cycles(Time time) {
    return static_cast<double>(time) / static_cast<double>(one_cycle);
}

}  // namespace skerry::simulated::model
