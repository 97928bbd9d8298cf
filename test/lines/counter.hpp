// Counts loads and stores of watched memory, line by line. The code that is watched is compiled with the compiler's
// thread-sanitizer instrumentation, and the functions that it then calls (counter.cpp) are ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>

namespace skerry::lines {

constexpr size_t line_bytes = 64;

struct Touches {
    uint32_t loads = 0, stores = 0;
};
using Lines = std::map<size_t, Touches>;  // by number within the watched memory; untouched ones are absent

// From now on accesses to these bytes are counted; until then, none. One piece at a time.
void watch(const void* memory, size_t bytes);
// What was touched since the last call or watch().
Lines take();

inline size_t written(const Lines& lines) {
    size_t count = 0;
    for (const auto& [number, touches] : lines) count += touches.stores != 0;
    return count;
}
inline size_t read(const Lines& lines) {
    size_t count = 0;
    for (const auto& [number, touches] : lines) count += touches.loads != 0;
    return count;
}

}  // namespace skerry::lines
