// The clock: nanoseconds, from a counter that programs can read, too.
#include "suite.hpp"

namespace skerry::contract_test {

void test_clock(Glue& glue, Report& report) {
    platform::Machine& machine = glue.machine;
    uint64_t last = machine.now();
    bool monotonic = true;
    for (int i = 0; i < 10'000; i++) {
        uint64_t next = machine.now();
        monotonic &= next >= last;
        last = next;
    }
    report.check(monotonic, "never runs backwards");
    constexpr uint64_t a_millisecond = 1'000'000;
    uint64_t before = machine.now();
    glue.wait(a_millisecond);
    report.check(machine.now() >= before + a_millisecond, "runs while the core waits");

    // 1 MHz to 100 GHz.
    uint64_t multiplier = machine.clock_multiplier();
    constexpr uint64_t one = uint64_t{1} << 32;
    report.check(multiplier >= one / 100 && multiplier <= one * 1000, "its multiplier is that of a counter");
    report.check(multiplier == machine.clock_multiplier(), "its multiplier does not change");

    uint64_t ticks = machine.cycles(), now = machine.now();
    glue.wait(5 * a_millisecond);
    ticks = machine.cycles() - ticks, now = machine.now() - now;
    // Both reads of a pair are a short moment apart, unless the host took the core away in between.
    auto computed = static_cast<uint64_t>(static_cast<unsigned __int128>(ticks) * multiplier >> 32);
    uint64_t difference = computed > now ? computed - now : now - computed;
    report.check(difference < 20 * a_millisecond, "a program computes the same time from the counter");
}

}  // namespace skerry::contract_test
