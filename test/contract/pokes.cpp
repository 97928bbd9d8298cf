// Interrupts from core to core, here from this one to itself, and the words that say what they are about.
#include <array>

#include "suite.hpp"

namespace skerry::contract_test {
namespace {

constexpr uint32_t words = 8;
constexpr uint32_t cores = 16;

bool all_zero(platform::Machine& machine) {
    for (uint32_t core = 0; core < cores; core++) {
        for (uint32_t i = 0; i < words; i++) {
            if (machine.poke_words(core)[i].load() != 0) return false;
        }
    }
    return true;
}

}  // namespace

void test_pokes(Glue& glue, Report& report) {
    platform::Machine& machine = glue.machine;
    constexpr uint64_t millisecond = 1'000'000;
    report.check(all_zero(machine), "poke words are zero at first");
    for (uint32_t core = 0; core < cores; core++) {
        for (uint32_t i = 0; i < words; i++)
            machine.poke_words(core)[i].fetch_or(uint64_t{1} << core | uint64_t{1} << (20 + i));
    }
    bool own = true, taken = true;
    for (uint32_t core = 0; core < cores; core++) {
        for (uint32_t i = 0; i < words; i++) {
            uint64_t wanted = uint64_t{1} << core | uint64_t{1} << (20 + i);
            own &= machine.poke_words(core)[i].load() == wanted;
            taken &= machine.poke_words(core)[i].exchange(0) == wanted;
        }
    }
    report.check(own, "each core has eight words of its own");
    report.check(taken && all_zero(machine), "words are taken by exchange");
    report.check(machine.poke_words(0)[0].is_lock_free(), "words are exchanged without a lock");

    report.check(machine.hardware_id().value < platform::Machine::hardware_ids, "this core has a hardware id");
    report.check(glue.wait(millisecond) == Interrupt::none, "no poke comes by itself");
    machine.send_poke(machine.hardware_id());
    report.check(glue.wait(1000 * millisecond) == Interrupt::poke, "a poke to oneself arrives");
    report.check(glue.wait(millisecond) == Interrupt::none, "once");
    machine.send_poke(machine.hardware_id());
    report.check(glue.wait(1000 * millisecond) == Interrupt::poke, "so does the next one");
    // Another of the first eight, which need not be there.
    const std::array several{machine.hardware_id(), base::HardwareId{machine.hardware_id().value ^ 7}};
    machine.send_pokes(several);
    report.check(glue.wait(1000 * millisecond) == Interrupt::poke, "a poke to several arrives here, too");
    report.check(glue.wait(millisecond) == Interrupt::none, "once");
    machine.arm(machine.now() + 2 * millisecond);
    machine.send_poke(machine.hardware_id());
    Interrupt first = glue.wait(1000 * millisecond), second = glue.wait(1000 * millisecond);
    report.check((first == Interrupt::poke && second == Interrupt::timer) ||
                     (first == Interrupt::timer && second == Interrupt::poke),
                 "poke and timer do not hide each other");
}

}  // namespace skerry::contract_test
