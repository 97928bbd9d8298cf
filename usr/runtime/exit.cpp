#include "usr/runtime/exit.hpp"

#include <cstring>

namespace skerry::runtime {

void ExitMessage::set_text(std::string_view value) {
    if (value.size() > exit_text_bytes) value.remove_prefix(value.size() - exit_text_bytes);
    std::memset(text, 0, sizeof text);
    std::memcpy(text, value.data(), value.size());
}

ExitWords encode(const ExitMessage& message) {
    ExitWords words{exit_opcode, uint64_t{message.access & 255} << 8 | (message.status & 255),
                    static_cast<uint64_t>(message.reason), message.detail[0], message.detail[1]};
    std::memcpy(&words[5], message.text, exit_text_bytes);
    return words;
}

bool decode(const ExitWords& words, ExitMessage& message) {
    if (words[0] != exit_opcode || words[2] > static_cast<uint64_t>(ExitReason::start)) return false;
    message.status = words[1] & 255;
    message.access = (words[1] >> 8) & 255;
    message.reason = static_cast<ExitReason>(words[2]);
    message.detail[0] = words[3];
    message.detail[1] = words[4];
    std::memcpy(message.text, &words[5], exit_text_bytes);
    return true;
}

void describe(const ExitMessage& m, base::Text& text) {
    base::Hex first{m.detail[0]}, second{m.detail[1]};
    switch (m.reason) {
        case ExitReason::returned:
            return;
        case ExitReason::page_fault:
            text << "page fault ("
                 << (m.access & 4   ? "execute"
                     : m.access & 2 ? "write"
                                    : "read")
                 << ") at " << first << ", ip " << second;
            return;
        case ExitReason::stack_overflow:
            text << "stack overflow at " << first << ", ip " << second;
            return;
        case ExitReason::exception:
            text << platform::exception_name(static_cast<uint32_t>(m.detail[0] >> 32)) << " (error "
                 << base::Hex{m.detail[0] & 0xffff'ffff} << "), ip " << second;
            return;
        case ExitReason::system_call:
            text << "foreign system call " << m.detail[0] << ", ip " << second;
            return;
        case ExitReason::assertion: {
            const void* end = std::memchr(m.text, 0, exit_text_bytes);
            size_t length = end ? static_cast<size_t>(static_cast<const char*>(end) - m.text) : exit_text_bytes;
            text << "assertion failed at ";
            for (char c : std::string_view(m.text, length)) text << (c >= ' ' && c <= '~' ? c : '?');
            text << ":" << m.detail[0];
            return;
        }
        case ExitReason::no_memory:
            text << "out of memory at " << first << " (" << m.detail[1] << " bytes)";
            return;
        case ExitReason::start:
            text << "could not start: " << base::text(static_cast<base::Error>(m.detail[0])) << ", step "
                 << m.detail[1];
            return;
    }
}

}  // namespace skerry::runtime
