// The cycle counter for intervals of a few hundred cycles: read when everything before it is done, and before anything
// after it begins. Without the fences the processor reads it while it still waits for loads.
#pragma once

#include "platform/user/context.hpp"

namespace skerry::platform {

inline uint64_t read_counter_in_order() {
    asm volatile("lfence" ::: "memory");
    uint64_t now = read_cycle_counter();
    asm volatile("lfence" ::: "memory");
    return now;
}

}  // namespace skerry::platform
