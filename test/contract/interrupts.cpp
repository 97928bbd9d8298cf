// Device interrupts: routed, masked, unmasked. The glue masks a line when its interrupt is taken, as the driver does.
#include "capabilities/interface/system_call.hpp"
#include "suite.hpp"

namespace skerry::contract_test {
namespace {

constexpr uint64_t soon = 1'000'000, patience = 1'000'000'000;  // ns
constexpr uint32_t number = platform::PageTable::first_device_vector + 5;
using base::Error;

void test_routing(Glue& glue, Report& report) {
    auto [controller, line, lines] = glue.device_line();
    platform::Machine& machine = glue.machine;
    report.check(machine.route_interrupt(number, controller, lines).error() == Error::out_of_range,
                 "a line that the controller lacks is refused");
    report.check(machine.route_interrupt(number, controller, line).ok(), "a line is routed");
    report.check(machine.route_interrupt(number + 1, controller, line).error() == Error::busy,
                 "not to a second number as well");
    report.check(machine.route_interrupt(number, controller, line).ok(), "to the same number again");
    machine.mask_interrupt(number + 1);
    machine.unmask_interrupt(number + 1);
    report.check(glue.wait(soon) == Interrupt::none, "masking a number without a line does nothing");
}

void test_level(Glue& glue, Report& report) {
    auto [controller, line, lines] = glue.device_line();
    platform::Machine& machine = glue.machine;
    bool routed =
        machine.route_interrupt(number, controller, line | capabilities::interrupt_mode::level_triggered).ok();
    glue.raise(true);
    report.check(routed && glue.wait(soon) == Interrupt::none, "a line that was routed is masked at first");
    machine.unmask_interrupt(number);
    report.check(glue.wait(patience) == Interrupt::other, "a level that stands comes when it is unmasked");
    report.check(glue.wait(soon) == Interrupt::none, "not while it is masked");
    machine.unmask_interrupt(number);
    report.check(glue.wait(patience) == Interrupt::other, "again when it is unmasked and still stands");
    glue.raise(false);
    machine.unmask_interrupt(number);
    report.check(glue.wait(soon) == Interrupt::none, "not once the device is content");
    glue.raise(true);
    report.check(glue.wait(patience) == Interrupt::other, "when it rises, too");
    glue.raise(false);
}

void test_edge(Glue& glue, Report& report) {
    auto [controller, line, lines] = glue.device_line();
    platform::Machine& machine = glue.machine;
    bool routed = machine.route_interrupt(number, controller, line).ok();
    machine.unmask_interrupt(number);
    report.check(routed && glue.wait(soon) == Interrupt::none, "no edge comes by itself");
    for (const char* name : {"an edge comes", "and the next, once it was unmasked"}) {
        glue.raise(true);
        report.check(glue.wait(patience) == Interrupt::other, name);
        glue.raise(false);
        glue.raise(true);
        report.check(glue.wait(soon) == Interrupt::none, "an edge does not come while it is masked");
        glue.raise(false);
        machine.unmask_interrupt(number);
    }
    machine.mask_interrupt(number);
    report.check(glue.wait(soon) == Interrupt::none, "nothing is left");
}

void test_device_register(Glue& glue, Report& report) {
    base::PhysAddr controller = glue.device_line().controller;
    volatile uint32_t* word = glue.machine.device_register(0, controller);
    if (word == nullptr) return;
    *word = 1;
    bool first = *word == 1;
    *word = 0;
    report.check(first && *word == 0, "a device's register reads as it was written");
    volatile uint32_t* other = glue.machine.device_register(platform::Machine::device_windows - 1, controller);
    *other = 1;
    report.check(*word == 1, "through another window, too");
    *word = 0;
}

}  // namespace

void test_interrupts(Glue& glue, Report& report) {
    glue.raise(false);
    test_routing(glue, report);
    test_level(glue, report);
    test_edge(glue, report);
    test_device_register(glue, report);
}

}  // namespace skerry::contract_test
