// What a simulated run is made of, beside the machine's shape.
#pragma once

#include <cstdint>

namespace skerry::simulated {

struct Settings {
    bool report = false;                                        // one line at the end
    static constexpr uint64_t access_ns = 1, quantum_ns = 200;  // of the fixed schedule, without a timing model
    // Of decided schedules: programs poll for a time, not for a number of turns, and shall block often.
    static constexpr uint64_t decided_access_ns = 200;
    // Of a course, and after it: as above, but time slices are long beside what is explored.
    static constexpr uint64_t course_access_ns = 20;
    // A run that needs more visible steps makes no progress. What the tests start takes some ten thousand; a program that waits
    // with patience for what never comes, and then says so, some million: those who poll take little time for a step.
    static constexpr uint64_t steps_maximum = 5'000'000;
};

}  // namespace skerry::simulated
