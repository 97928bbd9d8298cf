// The cycle counter for intervals of a few hundred cycles: read when everything before it is done, and before anything
// after it begins. Without the fences the processor reads it while it still waits for loads.
#pragma once

#include "platform/user/context.hpp"

namespace skerry::platform {

// Nothing after it begins before all loads before it are done.
inline void await_loads() {
    asm volatile("lfence" ::: "memory");
}

inline uint64_t read_counter_in_order() {
    await_loads();
    uint64_t now = read_cycle_counter();
    await_loads();
    return now;
}

}  // namespace skerry::platform
