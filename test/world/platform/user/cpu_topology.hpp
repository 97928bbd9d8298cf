// One cache, of two cores.
#pragma once

#include <cstdint>

namespace skerry::platform {

struct CpuCache {
    uint32_t level = 0;
    uint64_t bytes = 0;
    uint32_t line = 0;
    uint32_t shift = 0;
};
inline bool cpu_cache(uint32_t index, CpuCache& cache) {
    if (index == 0) cache = {1, 32768, 64, 1};
    return index == 0;
}

}  // namespace skerry::platform
