// For the programs that test protection (usr/test): what no program may do on this ISA, how to go on after a
// fault, and whether registers keep their values.
#pragma once

#include <cstdint>
#include <span>

#include "platform/registers.hpp"

extern "C" {
// 0 if `what` returned, 1 if a fault's handler called land(). One attempt at a time.
uint64_t skerry_attempt(void (*what)(void*), void* argument);
}

namespace skerry::platform {

// In the handler of a fault: the interrupted thread goes on behind its skerry_attempt.
void land(Registers& registers);

// An instruction that must raise this exception in a program.
struct Trial {
    const char* name;
    void (*run)(void*);
    uint32_t exception;
};
// Privileged instructions, those that tell about the kernel, and mistakes that the program must hear of.
std::span<const Trial> forbidden_instructions();
// Takes back what a trial may have left in the processor, such as an exception that waits.
void after_trial();
// Instructions that are allowed and yet must have no effect: null, or what went wrong.
const char* ignored_instructions();

// Addresses of the kernel's half, each of another kind.
std::span<const uint64_t> kernel_addresses();
// The code of a function that returns at once.
std::span<const std::byte> return_code();

// Fills all registers, vectors included, with values made from `seed`, lets this happen, and compares.
enum class Meanwhile : uint32_t {
    time_passes,   // `turns` rounds of a loop
    foreign_call,  // a system call with number foreign_number, which the handler leaves as it is
    breakpoint,    // an exception after which the program goes on
};
constexpr uint64_t foreign_number = 0x1234'5678;
// own_base: the register that finds the dispatcher page is filled, too; only while disabled.
// -> null, or the name of the first register that changed.
const char* changed_register(Meanwhile meanwhile, uint64_t seed, uint64_t turns, bool own_base, bool wide_vectors);
// What the system call handler should find in the registers during foreign_call. -> the same
const char* wrong_register(const Registers& registers);
// Whether the mask of a dispatcher page (extended_mask) includes the wide vectors.
bool has_wide_vectors(uint64_t extended_mask);

}  // namespace skerry::platform
