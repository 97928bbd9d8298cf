// The programs of a hosted machine: linked into the process, and yet started from ELF files in a boot archive, so that
// drivers and monitors do what they do on every machine. Such a file has no code: its entry is a number.
//
//   0x400000  "text": program i begins at 0x400000 + 64 * i      0x800000  ProgramMemory, and static data
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "platform/registers.hpp"

namespace skerry::hosted {

// The driver and all programs but those named, as the archive that a boot loader would bring.
std::vector<std::byte> make_archive(std::span<const std::string_view> left_out = {});

bool is_program_entry(uint64_t address);
// In the first upcall of a domain, on first_stack_top() of the core's current space: never returns.
[[noreturn]] void start_program(const platform::Registers& upcall);
std::byte* first_stack_top();
constexpr size_t upcall_stack_bytes = 65536;
size_t stack_bytes(const void* top);  // of the current program's stack with this top

uint64_t driver_image_bytes();

}  // namespace skerry::hosted
