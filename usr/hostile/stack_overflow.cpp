// Recurs until its stack ends at an unmapped page.
#include "usr/runtime/program.hpp"

namespace {

// Each level keeps a frame of its own: the sum is formed after the call, from memory that the compiler must
// keep.
[[gnu::noinline]] uint64_t deeper(uint64_t level) {
    volatile uint64_t room[32];
    room[level % 32] = level;
    uint64_t below = level == ~uint64_t{0} ? 0 : deeper(level + 1);
    return below + room[(level + 1) % 32];
}

}  // namespace

int program_main(skerry::runtime::Program&) {
    return static_cast<int>(deeper(1) & 1);
}
