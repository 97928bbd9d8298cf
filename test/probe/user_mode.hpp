// User mode and back: the probe's last steps, each of which starts where the one before it trapped.
#pragma once

#include <cstdint>

#include "low_memory.hpp"

namespace skerry::probe {

struct Trap {
    uint64_t flags = 0;  // of the handler, as C++ found them
    bool system_call = false;
    uint64_t vector = 0, code = 0, address = 0;
};

// Does not return: the last trap finishes the probe.
[[noreturn]] void try_user_mode(const LowMemory& memory);
// From trap.cpp, on a fresh kernel stack.
[[noreturn]] void left_user_mode(const Trap& trap);

}  // namespace skerry::probe
