// Registers on their real way: out to a program, and in again by its trap.
#include <cstring>

#include "space.hpp"
#include "suite.hpp"

namespace skerry::contract_test {
namespace {

using platform::Registers;

constexpr base::VirtAddr stack = Space::data, page = Space::data + 64;
constexpr uint64_t number = 0x8000'0000'0000'0003, word = 0xbeef'0000'0000;

void test_calls(Glue& glue, Report& report) {
    constexpr uint64_t arguments[8] = {1, 2, 3, 4, 5, 6, 7, ~uint64_t{7}};
    Registers registers{};
    registers.enter_upcall(glue.call_instruction(Space::code), stack, page, 0, 0, 0);
    glue.set_call(registers, number, arguments);
    Stop stop = glue.run(registers);
    report.check(stop == Stop::call, "a program's system call comes to the driver");
    bool all = registers.call_number() == number;
    for (uint32_t i = 0; i < 8; i++) all &= registers.argument(i) == arguments[i];
    report.check(all, "with its number and its arguments");
    base::VirtAddr at = registers.instruction();
    report.check(at.value >= Space::code.value && at.value < Space::code.value + base::page_size,
                 "from where the program was");
    Upcall seen = glue.upcall(registers);
    report.check(seen.stack == stack && seen.page == page, "with its stack and its dispatcher page");
}

void test_upcalls(Glue& glue, Report& report) {
    Registers registers{};
    for (uint32_t i = 0; i < capabilities::message_words; i++) registers.set_message_word(i, word + i);
    registers.enter_upcall(glue.add_and_call(Space::code), stack, page, 21, 22, 23);
    Stop stop = glue.run(registers);
    bool all = stop == Stop::call;
    for (uint32_t i = 0; i < capabilities::message_words; i++) {
        all &= registers.message_word(i) == word + i + 1;
    }
    report.check(all, "ten message words reach the program, and the driver as it changed them");
    Upcall seen = glue.upcall(registers);
    report.check(seen.word[0] == 21 && seen.word[1] == 22 && seen.word[2] == 23, "so do an upcall's three words");
}

void test_hostile(Glue& glue, Report& report) {
    bool safe = true;
    for (unsigned char filling : {0xff, 0x00, 0x55, 0x7f}) {
        Registers registers;
        std::memset(static_cast<void*>(&registers), filling, sizeof registers);
        glue.set_instruction(registers, glue.call_instruction(Space::code));
        if (registers.sanitize()) safe &= glue.run(registers) == Stop::call;
    }
    report.check(safe, "registers of any value that sanitize lets pass can be resumed");
    Registers lost{};
    lost.enter_upcall(Space::data, stack, page, 0, 0, 0);
    report.check(glue.run(lost) == Stop::fault && lost.instruction() == Space::data,
                 "a program that leaves its code faults there");
}

}  // namespace

void test_programs(Glue& glue, Report& report) {
    Pages pages(glue);
    Space space(glue, pages);
    glue.machine.switch_space(space.root());
    test_calls(glue, report);
    test_upcalls(glue, report);
    test_hostile(glue, report);
    glue.machine.switch_space(base::PhysAddr{0});
}

}  // namespace skerry::contract_test
