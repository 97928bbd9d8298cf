// The user-visible registers of x86-64, in the order of a save area (user level and entry.S rely on it), and the
// register convention of system calls and upcalls:
//   call:   rax number | rdi, rsi, rdx, r8, r9, r10, rbx, rbp arguments 0..7 -> rax error | rdx, r8, r9, r10 values
//   send:   rdi endpoint, rsi header | rdx r8 r9 r10 rbx rbp r12 r13 r14 r15 the ten words
//   upcall: rdi a, rsi b, rax c | the same ten registers carry a message's words
#pragma once

#include <cstddef>
#include <cstdint>

#include "platforms/base/ids.hpp"
#include "platforms/contract/machine.hpp"

namespace skerry::platform {

// Addresses at and above are never a program's: the last page-table root entry of the lower half stays unused, so
// that the instruction after a SYSCALL is always canonical (SYSRET would fault in the driver otherwise).
constexpr uint64_t user_end = 0x7f80'0000'0000;

struct Registers {
    uint64_t rax, rbx, rcx, rdx, rsi, rdi, rbp, rsp;
    uint64_t r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rip, rflags, fs_base, gs_base;

    uint64_t call_number() const { return rax; }
    uint64_t argument(uint32_t i) const {
        static constexpr size_t order[] = {5, 4, 3, 8, 9, 10, 1, 6};
        return word(order[i & 7]);
    }
    uint64_t message_word(uint32_t i) const { return word(message_order[i]); }
    void set_message_word(uint32_t i, uint64_t value) { word(message_order[i]) = value; }
    void set_error(uint64_t value) { rax = value; }
    void set_value(uint32_t i, uint64_t value) {
        static constexpr size_t order[] = {3, 8, 9, 10};
        word(order[i & 3]) = value;
    }
    base::VirtAddr instruction() const { return base::VirtAddr{rip}; }

    void enter_upcall(base::VirtAddr entry, base::VirtAddr stack, base::VirtAddr page, uint64_t a, uint64_t b,
                      uint64_t c) {
        gs_base = page.value;
        rip = entry.value;
        rsp = stack.value;
        rdi = a;
        rsi = b;
        rax = c;
        rflags = user_flags;
        rcx = rip;  // what SYSRET leaves there: both ways out look alike
        r11 = rflags;
        fs_base = 0;
    }
    // From word `first` on. Short messages without the switch, whose table of jumps lies in a page that they do not touch.
    void clear_message_words(uint32_t first = 0) {
        if (first > 3) [[unlikely]]
            return clear_late_words(first);
        uint64_t zero = 0;
        asm("" : "+r"(zero));  // one zero in one register: the compiler would make one for each store
        if (first < 1) rdx = zero;
        if (first < 2) r8 = zero;
        if (first < 3) r9 = zero;
        r10 = rbx = rbp = r12 = r13 = r14 = r15 = zero;
    }
    [[gnu::noinline]] void clear_late_words(uint32_t first) {
        uint64_t zero = 0;
        switch (first) {
            case 4:
                rbx = zero;
                [[fallthrough]];
            case 5:
                rbp = zero;
                [[fallthrough]];
            case 6:
                r12 = zero;
                [[fallthrough]];
            case 7:
                r13 = zero;
                [[fallthrough]];
            case 8:
                r14 = zero;
                [[fallthrough]];
            case 9:
                r15 = zero;
                [[fallthrough]];
            default:
                break;
        }
    }
    // What is left of a sender after a straight send: where it continues, and the result. All other registers are
    // spent by the convention of send, so the area's old values may stand in them.
    void keep_after_send(const Registers& live, uint64_t error) {
        rip = live.rip;
        rsp = live.rsp;
        rflags = live.rflags;
        fs_base = live.fs_base;
        gs_base = live.gs_base;
        rax = error;
    }
    // Arithmetic flags and direction are the program's; interrupts are on, no I/O privilege, no trap flag.
    bool sanitize() {
        rflags = (rflags & 0xcd5) | user_flags;  // CF PF AF ZF SF DF OF
        auto canonical = [](uint64_t a) { return (a >> 47) == 0 || (a >> 47) == 0x1ffff; };
        return rip < user_end && canonical(fs_base) && canonical(gs_base) && canonical(rsp);
    }

  private:
    static constexpr uint64_t user_flags = 0x202;
    static constexpr size_t message_order[10] = {3, 8, 9, 10, 1, 6, 12, 13, 14, 15};
    uint64_t& word(size_t i) { return (&rax)[i]; }
    uint64_t word(size_t i) const { return (&rax)[i]; }
};
static_assert(sizeof(Registers) == 160);
static_assert(offsetof(Registers, rsp) == 56 && offsetof(Registers, rip) == 128 && offsetof(Registers, gs_base) == 152);
static_assert(contract::Registers<Registers>);

}  // namespace skerry::platform
