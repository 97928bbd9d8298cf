// The one-shot timer. Bounds on lateness are wide, since a virtual machine's core is taken away at any time;
// what fires early makes the driver look at the clock and arm again, so that a little is allowed.
#include "suite.hpp"

namespace skerry::contract_test {
namespace {

constexpr uint64_t millisecond = 1'000'000;
constexpr uint64_t absurd = 1000 * millisecond;

// Waits for the timer; ns from `start` until it fired, or `absurd` if it did not.
uint64_t fired_after(Glue& glue, uint64_t start) {
    Interrupt came = glue.wait(absurd);
    uint64_t now = glue.machine.now();
    return came == Interrupt::timer ? now - start : absurd;
}
bool in_time(uint64_t after, uint64_t wanted) {
    return after >= wanted - wanted / 16 && after < absurd;
}

// Arms for `soon` and then, or never if it is 0, for `later`, both in ns from the start, which it returns. Once more if the
// core was taken away in between: then the first has fired before the second was said.
uint64_t rearm(Glue& glue, uint64_t soon, uint64_t later) {
    for (;;) {
        uint64_t start = glue.machine.now();
        glue.machine.arm(start + soon);
        if (later != 0)
            glue.machine.arm(start + later);
        else
            glue.machine.disarm();
        if (glue.machine.now() < start + soon) return start;
        glue.machine.disarm();
        (void)glue.wait(millisecond);
    }
}

}  // namespace

void test_timer(Glue& glue, Report& report) {
    platform::Machine& machine = glue.machine;
    report.check(glue.wait(millisecond) == Interrupt::none, "is silent until it is armed");

    for (uint64_t ns : {millisecond, 20 * millisecond}) {
        uint64_t start = machine.now();
        machine.arm(start + ns);
        uint64_t after = fired_after(glue, start);
        report.check(in_time(after, ns), ns == millisecond ? "fires after 1 ms" : "fires after 20 ms");
    }
    report.check(glue.wait(5 * millisecond) == Interrupt::none, "fires once");

    uint64_t start = machine.now();
    machine.arm(start);
    report.check(fired_after(glue, start) < absurd, "a deadline that is now fires at once");
    start = machine.now();
    machine.arm(start - 1);
    report.check(fired_after(glue, start) < absurd, "a deadline that has passed fires at once");

    (void)rearm(glue, 2 * millisecond, 0);
    report.check(glue.wait(10 * millisecond) == Interrupt::none, "does not fire after disarm");
    machine.disarm();
    report.check(glue.wait(millisecond) == Interrupt::none, "may be disarmed twice");

    start = rearm(glue, 2 * millisecond, 20 * millisecond);
    report.check(in_time(fired_after(glue, start), 20 * millisecond), "armed again for later, fires later");
    start = machine.now();
    machine.arm(start + 10 * absurd);
    machine.arm(start + 2 * millisecond);
    report.check(in_time(fired_after(glue, start), 2 * millisecond), "armed again for sooner, fires sooner");
    report.check(glue.wait(5 * millisecond) == Interrupt::none, "each time once");
    start = machine.now();
    machine.arm(start + 1'000'000 * absurd);  // over eleven days: beyond the range of many timers
    report.check(glue.wait(5 * millisecond) == Interrupt::none, "a far deadline is far");
    machine.arm(~uint64_t{0});
    report.check(glue.wait(5 * millisecond) == Interrupt::none, "the farthest deadline is far");
    machine.disarm();
}

}  // namespace skerry::contract_test
