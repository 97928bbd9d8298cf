// The user half as tests on the host have it: the test is the one thread, nobody upcalls it, and time stands still
// unless the test moves it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "capabilities/interface/dispatcher_page.hpp"
#include "platform/registers.hpp"
#include "platform/user/address.hpp"

namespace skerry::platform {

struct alignas(64) SaveArea {
    Registers registers;
    std::byte unused[capabilities::save_area_size - sizeof(Registers)];
};
static_assert(sizeof(SaveArea) == capabilities::save_area_size);

inline uint64_t test_cycles = 1;
inline uint64_t read_cycle_counter() {
    return test_cycles;
}
inline void pause() {}
[[noreturn]] inline void stop_here() {
    std::abort();
}
constexpr bool memory_on_demand = false;
inline uint64_t upcall_stack_top() {
    return 0;
}

}  // namespace skerry::platform
