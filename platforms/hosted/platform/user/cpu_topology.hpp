// Package = hardware id >> this: as the machine was described.
#pragma once

#include <cstdint>

namespace skerry::platform {

uint32_t package_shift();

// Caches are the host's, and not told.
struct CpuCache {
    uint32_t level = 0;
    uint64_t bytes = 0;
    uint32_t line = 0;
    uint32_t shift = 0;
};
inline bool cpu_cache(uint32_t, CpuCache&) {
    return false;
}
inline bool emulated() {
    return false;
}

}  // namespace skerry::platform
