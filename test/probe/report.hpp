// What the probe says, a line a check, and how it ends the machine.
#pragma once

#include <cstdint>
#include <string_view>

#include "platforms/base/format.hpp"

namespace skerry::probe {

// On the first serial port; polls until each byte is taken.
void print(std::string_view text);

// `probe NAME ok`, or `probe NAME FAILED` with the detail.
void check(std::string_view name, bool ok, std::string_view detail = {});
// `probe NAME left out: WHY`: this machine cannot show it.
void left_out(std::string_view name, std::string_view why);

// What became of an attempt.
struct Outcome {
    bool faulted = false;
    uint64_t vector = 0, code = 0, address = 0;  // address: of a page fault
};
// Runs `what(argument)` in kernel mode; a fault ends it.
Outcome attempt(void (*what)(void*), void* argument);

// The attempt must end with this page fault, at this address.
void check_page_fault(std::string_view name, void (*what)(void*), void* at, uint64_t code);

// Error codes of page faults.
constexpr uint64_t present = 1, write = 2, user = 4, fetch = 16;

// The three accesses, as attempts at an address.
void read_byte(void* at);
void write_byte(void* at);
void execute(void* at);

// Ends QEMU: status 33 (as a power-off) if every check was ok, else 35.
[[noreturn]] void finish();

}  // namespace skerry::probe
