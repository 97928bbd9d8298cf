// The registers in system calls and upcalls: all words land where the convention says, and not on each other.
#include <cstring>

#include "capabilities/interface/system_call.hpp"
#include "suite.hpp"

namespace skerry::contract_test {
namespace {

using platform::PageTable;
using platform::Registers;

constexpr uint64_t user_end = PageTable::user_root_entries * PageTable::bytes_per_entry(PageTable::levels);
constexpr base::VirtAddr entry{0x400040}, stack{0x7ffff0}, page{0x600000};
constexpr uint64_t arguments[8] = {0xa0, 0xa1, 0xa2, 0xa3, 0xa4, 0xa5, 0xa6, 0xa7};

constexpr uint64_t word(uint32_t i) {
    return 0xc0ffee'0000 + i;
}

bool words_are_set(const Registers& registers) {
    for (uint32_t i = 0; i < capabilities::message_words; i++) {
        if (registers.message_word(i) != word(i)) return false;
    }
    return true;
}
void set_words(Registers& registers) {
    for (uint32_t i = 0; i < capabilities::message_words; i++) registers.set_message_word(i, word(i));
}

void test_calls(Glue& glue, Report& report) {
    Registers registers{};
    glue.set_call(registers, 0x8000'0000'0000'0001, arguments);
    report.check(registers.call_number() == 0x8000'0000'0000'0001, "the call's number");
    bool all = true;
    for (uint32_t i = 0; i < 8; i++) all &= registers.argument(i) == arguments[i];
    report.check(all, "the call's target, operation and six arguments");

    set_words(registers);
    report.check(words_are_set(registers), "ten message words, none on another");
    report.check(registers.call_number() == 0x8000'0000'0000'0001 && registers.argument(0) == arguments[0] &&
                     registers.argument(1) == arguments[1],
                 "number, endpoint and header are none of the message's words");

    registers = {};
    glue.set_instruction(registers, entry);
    registers.set_error(0xe0);
    for (uint32_t i = 0; i < capabilities::invocation_values; i++) registers.set_value(i, 0xf0 + i);
    all = glue.error(registers) == 0xe0;
    for (uint32_t i = 0; i < capabilities::invocation_values; i++) all &= glue.value(registers, i) == 0xf0 + i;
    report.check(all, "error and four values, none on another");
    report.check(registers.instruction() == entry, "results leave the instruction's address as it is");
}

void test_upcalls(Glue& glue, Report& report) {
    Registers registers{};
    set_words(registers);
    registers.enter_upcall(entry, stack, page, 1, 2, 3);
    report.check(words_are_set(registers), "an upcall keeps the message's words");
    Upcall seen = glue.upcall(registers);
    report.check(seen.entry == entry && registers.instruction() == entry && seen.stack == stack && seen.page == page,
                 "an upcall's entry, stack and dispatcher page");
    report.check(seen.word[0] == 1 && seen.word[1] == 2 && seen.word[2] == 3, "an upcall's three words");
    bool safe = registers.sanitize();
    report.check(safe && registers.instruction() == entry && words_are_set(registers), "an upcall is safe to resume");

    bool cleared = true;
    for (uint32_t from = capabilities::message_words; from > 0; from--) {
        registers.clear_message_words(from - 1);
        cleared &=
            registers.message_word(from - 1) == 0 && (from == 1 || registers.message_word(from - 2) == word(from - 2));
    }
    report.check(cleared, "the message's words can be cleared from any on");
    set_words(registers);
    registers.clear_message_words();
    cleared = true;
    for (uint32_t i = 0; i < capabilities::message_words; i++) cleared &= registers.message_word(i) == 0;
    seen = glue.upcall(registers);
    report.check(cleared, "and all at once");
    report.check(seen.entry == entry && seen.stack == stack && seen.page == page && seen.word[0] == 1 &&
                     seen.word[1] == 2 && seen.word[2] == 3,
                 "clearing them leaves the rest of the upcall");
}

void test_sanitize(Glue& glue, Report& report) {
    Registers good{};
    good.enter_upcall(entry, stack, page, 0, 0, 0);
    bool refused = true;
    for (uint64_t address : {user_end, user_end + base::page_size, uint64_t{1} << 63, ~uint64_t{0} - 15}) {
        Registers bad = good;
        glue.set_instruction(bad, base::VirtAddr{address});
        refused &= !bad.sanitize();
    }
    report.check(refused, "an instruction that is not user level's is refused");
    Registers last = good;
    glue.set_instruction(last, base::VirtAddr{user_end - base::page_size});
    report.check(last.sanitize(), "an instruction in the last page of user level is not");
}

void test_senders(Glue& glue, Report& report) {
    Registers live{}, kept;
    live.enter_upcall(entry, stack, page, 0, 0, 0);
    std::memset(static_cast<void*>(&kept), 0x5a, sizeof kept);
    kept.keep_after_send(live, 0x77);
    report.check(kept.instruction() == entry && glue.error(kept) == 0x77,
                 "a sender goes on where it was, with a result");
    Upcall seen = glue.upcall(kept);
    report.check(seen.stack == stack && seen.page == page, "a sender keeps its stack and its dispatcher page");
    report.check(kept.sanitize() && kept.instruction() == entry, "a sender is safe to resume");
}

}  // namespace

void test_registers(Glue& glue, Report& report) {
    test_calls(glue, report);
    test_upcalls(glue, report);
    test_sanitize(glue, report);
    test_senders(glue, report);
}

}  // namespace skerry::contract_test
