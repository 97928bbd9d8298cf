// The alias of the memory that this core owns, and what is left of it when a part is given away.
#include "suite.hpp"

namespace skerry::contract_test {
namespace {

volatile uint64_t& word_at(Glue& glue, base::PhysAddr address) {
    return *reinterpret_cast<volatile uint64_t*>(glue.machine.pointer(address));
}
uint64_t last_word(uint64_t number) {
    return (number + 1) * unit - sizeof(uint64_t);
}

}  // namespace

void test_memory(Glue& glue, Report& report) {
    platform::Machine& machine = glue.machine;
    base::PhysAddr start = glue.memory(0), middle = glue.memory(1), after = glue.memory(2);
    report.check(machine.owns(start, 3 * unit), "the core owns what it was given");
    report.check(machine.owns(start, 1) && machine.owns(start + last_word(2), sizeof(uint64_t)), "to its last bytes");
    report.check(!machine.owns(glue.foreign(), 1), "it does not own what it was not given");
    report.check(!machine.owns(start, ~uint64_t{0}) && !machine.owns(start, uint64_t{0} - start.value),
                 "nor a range that wraps around");

    for (uint64_t number = 0; number < 3; number++) {
        word_at(glue, glue.memory(number)) = number + 1;
        word_at(glue, start + last_word(number)) = number + 11;
    }
    bool kept = true, other = true;
    for (uint64_t number = 0; number < 3; number++) {
        kept &=
            word_at(glue, glue.memory(number)) == number + 1 && word_at(glue, start + last_word(number)) == number + 11;
        other &= machine.pointer(glue.memory(number)) == machine.pointer(start) + number * unit;
    }
    report.check(kept, "aliases read as they were written");
    report.check(other, "neighbours in memory are neighbours in the alias");

    const std::byte* alias = machine.pointer(middle);
    report.check(glue.reachable(alias) && glue.reachable(alias + unit - 1), "the alias can be reached");
    machine.withdraw(middle, unit);
    report.check(!machine.owns(middle, 1) && !machine.owns(middle + (unit - 1), 1) && !machine.owns(middle, unit),
                 "what is withdrawn is owned no more");
    report.check(!glue.reachable(alias) && !glue.reachable(alias + unit - 1), "nor can it be reached");
    report.check(!machine.owns(middle - base::page_size, 2 * base::page_size) &&
                     !machine.owns(after - base::page_size, 2 * base::page_size),
                 "a range that reaches into it is not owned");
    report.check(!machine.owns(start, 3 * unit), "nor one that spans it");
    report.check(machine.owns(start, unit) && machine.owns(after, unit), "its neighbours are still owned");
    report.check(word_at(glue, start) == 1 && word_at(glue, start + last_word(0)) == 11 && word_at(glue, after) == 3 &&
                     word_at(glue, start + last_word(2)) == 13,
                 "and keep what they held");
}

}  // namespace skerry::contract_test
