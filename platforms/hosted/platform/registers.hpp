// What stands for registers here: the words of a call, and where the program goes on. A suspended program is a context
// of Boost.Context (fiber.hpp) on a stack of its own; one that has not begun yet has an entry instead.
#pragma once

#include <cstdint>

#include "platforms/base/ids.hpp"
#include "platforms/contract/machine.hpp"

namespace skerry::platform {

constexpr uint64_t user_end = 0x7f80'0000'0000;

// Whether a program may go on there (machine.cpp): a context lies on a stack in the machine's memory.
bool usable_context(uint64_t context);

struct Registers {
    uint64_t number;
    uint64_t word[10];        // a message's words, or arguments of an invocation from 2 on
    uint64_t target, second;  // arguments 0 and 1
    uint64_t error, value[4];
    uint64_t ip;       // entry of an upcall; else where the call was made
    uint64_t context;  // zero: begins at ip on `stack`
    uint64_t stack, page, upcall_word[3];

    uint64_t call_number() const { return number; }
    uint64_t argument(uint32_t i) const { return i == 0 ? target : i == 1 ? second : word[(i - 2) & 7]; }
    uint64_t message_word(uint32_t i) const { return word[i]; }
    void set_message_word(uint32_t i, uint64_t w) { word[i] = w; }
    void set_error(uint64_t w) { error = w; }
    void set_value(uint32_t i, uint64_t w) { value[i & 3] = w; }
    base::VirtAddr instruction() const { return base::VirtAddr{ip}; }
    void enter_upcall(base::VirtAddr entry, base::VirtAddr top, base::VirtAddr dispatcher_page, uint64_t a, uint64_t b,
                      uint64_t c) {
        ip = entry.value;
        stack = top.value;
        page = dispatcher_page.value;
        context = 0;
        upcall_word[0] = a, upcall_word[1] = b, upcall_word[2] = c;
    }
    void clear_message_words(uint32_t first = 0) {
        for (uint32_t i = first; i < 10; ++i) word[i] = 0;
    }
    void keep_after_send(const Registers& live, uint64_t result) {
        *this = live;
        error = result;
    }
    // A program in the same process as its driver cannot be held by checks; these find mistakes, not malice.
    bool sanitize() {
        if (ip >= user_end) return false;
        return context == 0 ? ip != 0 && stack != 0 : usable_context(context);
    }
};
static_assert(contract::Registers<Registers>);

}  // namespace skerry::platform
