// How a domain ends: one message to its core's monitor, then its dispatcher stops. The monitor knows from the
// badge who speaks.
//   word 0  exit_opcode    word 1  status (0..255)    word 2  ExitReason
//   word 3, 4  details (see ExitReason)               word 5..9  up to 40 bytes of text, zero-padded
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "platform/user/exception_name.hpp"
#include "platforms/base/format.hpp"
#include "platforms/base/result.hpp"

namespace skerry::runtime {

constexpr uint64_t exit_opcode = 0x7469'7865;  // "exit"; no other message to a monitor starts with it
constexpr uint32_t fault_status = 134;         // of a program that did not end by itself
constexpr size_t exit_text_bytes = 40;

enum class ExitReason : uint64_t {
    returned,        // from its main function, or called exit
    page_fault,      // details: address, instruction; status word bits 15..8: 1 read, 2 write, 4 execute
    stack_overflow,  // details: address, instruction
    exception,       // details: vector << 32 | error code, instruction
    system_call,     // details: the foreign number, instruction
    assertion,       // text: where; detail 0: line
    no_memory,       // details: address that wanted memory, bytes
    start,           // details: base::Error, step; the runtime could not set itself up
};

struct ExitMessage {
    uint32_t status = 0;
    uint32_t access = 0;  // page_fault: 1 read, 2 write, 4 execute
    ExitReason reason = ExitReason::returned;
    uint64_t detail[2] = {0, 0};
    char text[exit_text_bytes] = {};

    void set_text(std::string_view value);  // keeps the end, where a file name differs
};

using ExitWords = std::array<uint64_t, 10>;
ExitWords encode(const ExitMessage& message);
// False if the words are not an exit message.
bool decode(const ExitWords& words, ExitMessage& message);

// One line, such as "page fault (write) at 0x10, ip 0x400123"; empty for a program that returned.
void describe(const ExitMessage& message, base::Text& text);

}  // namespace skerry::runtime
