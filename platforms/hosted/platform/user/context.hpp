// The user half of a hosted machine: what the portable runtime calls. Programs are linked into one process, so a user
// address is not a pointer: at() walks the page tables of the core's current space.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "capabilities/interface/dispatcher_page.hpp"
#include "capabilities/interface/system_call.hpp"
#include "platform/registers.hpp"
#include "platform/user/address.hpp"

namespace skerry::platform {

struct alignas(64) SaveArea {
    Registers registers;
    std::byte unused[capabilities::save_area_size - sizeof(Registers)];
};
static_assert(sizeof(SaveArea) == capabilities::save_area_size);

// ns of the machine's clock.
uint64_t read_cycle_counter();
// In every poll loop: here interrupts are taken.
void pause();
[[noreturn]] void stop_here();

// Memory is there from the start: there are no page faults to bring it.
constexpr bool memory_on_demand = false;

// Each program has these in memory of its own, zeroed: its static data would be everybody's.
// No part of an image that several cores could share: programs here do not span cores.
constexpr uint64_t shared_image_start() {
    return 0;
}
constexpr uint64_t shared_image_end() {
    return 0;
}
uint64_t upcall_stack_top();
uint64_t fault_stack_top();
uint64_t default_stack_base();
uint64_t default_stack_top();
void run_constructors();  // none: the process has done so
std::byte* static_storage(const void* key, size_t bytes, size_t alignment);
template <typename T>
std::byte* static_storage() {
    static constexpr char key = 0;
    return static_storage(&key, sizeof(T), alignof(T));
}

}  // namespace skerry::platform
