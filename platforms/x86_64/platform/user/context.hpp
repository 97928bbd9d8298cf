// The user half of x86-64: what the portable runtime calls. Declared for it in usr/runtime/machine.hpp, too,
// where it does not depend on the ISA; here lie the facts that do.
#pragma once

#include <cstddef>
#include <cstdint>

#include "capabilities/interface/dispatcher_page.hpp"
#include "capabilities/interface/system_call.hpp"
#include "platform/registers.hpp"
#include "platform/user/address.hpp"
#include "platform/user/layout.h"

namespace skerry::platform {

// A save area: the registers, and the extended state further on.
struct alignas(64) SaveArea {
    Registers registers;
    std::byte unused[capabilities::extended_state_offset - sizeof(Registers)];
    std::byte extended[capabilities::save_area_size - capabilities::extended_state_offset];
};
static_assert(sizeof(SaveArea) == capabilities::save_area_size);

inline uint64_t read_cycle_counter() {
    uint32_t low, high;
    asm volatile("rdtsc" : "=a"(low), "=d"(high));
    return uint64_t{high} << 32 | low;
}

// In every poll loop: lets the other hardware thread, or the emulator's other cores, run.
inline void pause() {
    asm volatile("pause" ::: "memory");
}

// Stops with a fault of the domain's own: what remains when nothing else ends it.
[[noreturn]] inline void stop_here() {
    for (;;) asm volatile("ud2");
}

// Page faults reach the program, so memory may come when it is touched.
constexpr bool memory_on_demand = true;

// Zeroed memory for a program's one T, constructed when the program says so. Each core of a program that spans several
// has one of its own there (user/program.ld).
template <typename T>
std::byte* static_storage() {
    alignas(T) static constinit std::byte storage[sizeof(T)]{};
    return storage;
}

// Stacks in the program's image (user/start.S).
extern "C" char skerry_upcall_stack_top[], skerry_fault_stack_top[], skerry_default_stack[], skerry_default_stack_top[];
extern "C" void (*const __init_array_start[])();
extern "C" void (*const __init_array_end[])();
extern "C" char skerry_shared_start[], skerry_program_end[];
inline uint64_t shared_image_start() {
    return reinterpret_cast<uint64_t>(skerry_shared_start);
}
inline uint64_t shared_image_end() {
    return reinterpret_cast<uint64_t>(skerry_program_end);
}
inline uint64_t upcall_stack_top() {
    return reinterpret_cast<uint64_t>(skerry_upcall_stack_top);
}
inline uint64_t fault_stack_top() {
    return reinterpret_cast<uint64_t>(skerry_fault_stack_top);
}
inline uint64_t default_stack_base() {
    return reinterpret_cast<uint64_t>(skerry_default_stack);
}
inline uint64_t default_stack_top() {
    return reinterpret_cast<uint64_t>(skerry_default_stack_top);
}
inline void run_constructors() {
    for (auto* constructor = __init_array_start; constructor != __init_array_end; ++constructor) (*constructor)();
}

using capabilities::DispatcherPage;
using capabilities::SystemCall;
static_assert(static_cast<uint64_t>(SystemCall::nop) == SKERRY_CALL_NOP);
static_assert(static_cast<uint64_t>(SystemCall::invoke) == SKERRY_CALL_INVOKE);
static_assert(static_cast<uint64_t>(SystemCall::send) == SKERRY_CALL_SEND);
static_assert(static_cast<uint64_t>(SystemCall::wait) == SKERRY_CALL_WAIT);
static_assert(static_cast<uint64_t>(SystemCall::yield) == SKERRY_CALL_YIELD);
static_assert(offsetof(DispatcherPage, disabled) == SKERRY_PAGE_DISABLED);
static_assert(offsetof(DispatcherPage, self) == SKERRY_PAGE_SELF);
static_assert(offsetof(DispatcherPage, extended_mask) == SKERRY_PAGE_EXTENDED_MASK);
static_assert(capabilities::enabled_area_offset + offsetof(Registers, rip) == SKERRY_PAGE_ENABLED_RIP);
static_assert(offsetof(Registers, rip) == SKERRY_AREA_RIP && offsetof(Registers, rflags) == SKERRY_AREA_RFLAGS);
static_assert(offsetof(Registers, fs_base) == SKERRY_AREA_FS_BASE);
static_assert(offsetof(SaveArea, extended) == SKERRY_AREA_EXTENDED);

}  // namespace skerry::platform
