// The test world's registers: eight argument words, ten message words, and what any ISA has.
#pragma once

#include <cstdint>

#include "platforms/contract/machine.hpp"

namespace skerry::platform {

constexpr uint64_t user_end = 0x7f80'0000'0000;

struct Registers {
    uint64_t number, argument_word[8], message[10], error, value[4];
    uint64_t ip, sp, gs_base, upcall_word[3];

    uint64_t call_number() const { return number; }
    uint64_t argument(uint32_t i) const { return argument_word[i & 7]; }
    uint64_t message_word(uint32_t i) const { return message[i]; }
    void set_message_word(uint32_t i, uint64_t word) { message[i] = word; }
    void set_error(uint64_t word) { error = word; }
    void set_value(uint32_t i, uint64_t word) { value[i & 3] = word; }
    base::VirtAddr instruction() const { return base::VirtAddr{ip}; }
    void enter_upcall(base::VirtAddr entry, base::VirtAddr stack, base::VirtAddr page, uint64_t a, uint64_t b,
                      uint64_t c) {
        gs_base = page.value;
        ip = entry.value;
        sp = stack.value;
        upcall_word[0] = a, upcall_word[1] = b, upcall_word[2] = c;
    }
    void clear_message_words(uint32_t first = 0) {
        for (uint32_t i = first; i < 10; i++) message[i] = 0;
    }
    void keep_after_send(const Registers& live, uint64_t result) {
        ip = live.ip, sp = live.sp, gs_base = live.gs_base;
        error = result;
    }
    bool sanitize() { return ip < user_end && sp < user_end; }
};
static_assert(contract::Registers<Registers>);

}  // namespace skerry::platform
