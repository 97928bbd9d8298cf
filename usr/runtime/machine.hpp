// What the portable runtime asks of the platform's user half (platforms/<isa>/user/*.S). All are called
// disabled, on a stack of the runtime's own, and none returns in the ordinary way but switch_out.
#pragma once

#include <cstdint>

#include "platform/user/context.hpp"

extern "C" {
// Keeps the caller's state on its own stack, stores the stack pointer, waits (deadline in ns, 0 = for ever).
// Returns, enabled, when a later upcall calls skerry_resume_stack.
void skerry_switch_out(uint64_t* saved_stack, uint64_t deadline);
[[noreturn]] void skerry_wait(uint64_t deadline);
// Both write `disabled` (0 or 1) to the dispatcher page as their last step but one.
[[noreturn]] void skerry_resume_stack(uint64_t saved_stack, uint64_t disabled);
[[noreturn]] void skerry_resume_full(const void* save_area, uint64_t disabled);
// Starts a thread of control, enabled, on an empty stack. The function never returns.
[[noreturn]] void skerry_enter(void* stack_top, void (*function)(void*), void* argument);

// Upcall entries, in the order of capabilities::Upcall, and the critical range.
void skerry_entry_run();
void skerry_entry_page_fault();
void skerry_entry_message();
void skerry_entry_trap();
extern char skerry_critical_start[], skerry_critical_end[];
}
