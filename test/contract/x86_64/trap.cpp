// Traps of the suite's kernel, behind the CPU driver's own assembly: a program's brings run() back, an
// interrupt is noted, a fault of the driver is expected only where the suite tries one.
#include "trap.hpp"

#include "platforms/base/format.hpp"
#include "trap/panic.hpp"

extern "C" {
uint32_t skerry_system_call();
uint32_t skerry_brief_poke();
uint32_t skerry_trap(uint64_t vector, uint64_t code);
void skerry_driver_trap(uint64_t vector, uint64_t code, uint64_t* frame);
[[noreturn]] void contract_leave_user(uint32_t stop);
extern char skerry_attempt_landing[], skerry_xrstor_fault[], skerry_xrstor_landing[];
}

namespace skerry::contract_test {
namespace {

constinit Interrupt last = Interrupt::none;
constinit bool attempting = false;
constexpr uint64_t first_interrupt = 32, general_protection = 13;

// As the driver does: a device's line is masked before the interrupt ends.
void note(uint64_t vector) {
    if (vector - platform::PageTable::first_device_vector < platform::PageTable::device_vectors) {
        this_machine().mask_interrupt(static_cast<uint32_t>(vector));
    }
    last = vector == platform::vector_timer  ? Interrupt::timer
           : vector == platform::vector_poke ? Interrupt::poke
                                             : Interrupt::other;
    if (vector != platform::vector_spurious) this_machine().end_of_interrupt();
}

}  // namespace

Interrupt take_interrupt() {
    Interrupt taken = *const_cast<volatile Interrupt*>(&last);
    last = Interrupt::none;
    return taken;
}
void catch_next_fault(bool on) {
    *const_cast<volatile bool*>(&attempting) = on;
}

}  // namespace skerry::contract_test

using namespace skerry::contract_test;

uint32_t skerry_system_call() {
    contract_leave_user(static_cast<uint32_t>(Stop::call));
}

// Not that: the suite notes pokes, by the long way.
uint32_t skerry_brief_poke() {
    return 0;
}

uint32_t skerry_trap(uint64_t vector, uint64_t) {
    if (vector < first_interrupt) contract_leave_user(static_cast<uint32_t>(Stop::fault));
    note(vector);
    return 1;  // on with the program, with all registers
}

void skerry_driver_trap(uint64_t vector, uint64_t code, uint64_t* frame) {
    if (vector >= first_interrupt) return note(vector);
    if (vector == general_protection && frame[0] == reinterpret_cast<uint64_t>(skerry_xrstor_fault)) {
        frame[0] = reinterpret_cast<uint64_t>(skerry_xrstor_landing);
        return;
    }
    if (!attempting) {
        skerry::base::Buffer<160> text;
        text << "contract: exception " << vector << ", code " << skerry::base::Hex{code} << ", ip "
             << skerry::base::Hex{frame[0]} << ", address " << skerry::base::Hex{skerry::platform::read_cr2()};
        skerry::platform::panic(text.view());
    }
    frame[0] = reinterpret_cast<uint64_t>(skerry_attempt_landing);
}
