// Instructions that are the kernel's or a mistake: each comes back as an exception, and the program goes on.
#include "usr/test/protection/checks.hpp"

namespace skerry::usr::test {
namespace {

using base::Error;
using capabilities::Type;
namespace well_known = capabilities::well_known;

// A capability for ports reaches its own ports and no further; without one there is none at all.
void check_ports(Report& report, runtime::Program& self) {
    constexpr uint32_t first = 0x3f8, count = 8;  // in the middle of what init holds
    runtime::PortsCap all{};
    auto held = runtime::CNodeCap{}.identify(all.ref);
    if (!held.ok() || held->empty()) {
        report.equal("ports_without_capability", all.in(first, 1).error(), Error::no_capability);
        return;
    }
    auto slot = runtime::Owned::empty(self.slots);
    if (!slot.ok()) return report.check("ports_setting", false);
    auto made = runtime::CNodeCap{}.retype(slot->ref(), all.ref, Type::device_ports, 0, first, count);
    report.equal("ports_setting", made.error(), Error::none);
    runtime::PortsCap some{slot->ref()};
    report.equal("ports_inside", some.in(first + 5, 1).error(), Error::none);
    report.equal("ports_below", some.in(first - 1, 1).error(), Error::out_of_range);
    report.equal("ports_above", some.in(first + count, 1).error(), Error::out_of_range);
    report.equal("ports_across_the_end", some.in(first + count - 1, 2).error(), Error::out_of_range);
    report.equal("ports_write_above", some.out(first + count, 1, 0).error(), Error::out_of_range);
}

}  // namespace

void check_instructions(Report& report, Attempts& attempts) {
    for (const platform::Trial& trial : platform::forbidden_instructions()) {
        Outcome outcome = attempts.run(trial.run);
        platform::after_trial();
        base::Buffer<120> detail;
        outcome.describe(detail);
        report.check(trial.name, outcome.raised(trial.exception), detail.view());
    }
    const char* effect = platform::ignored_instructions();
    report.check("ignored_instructions", effect == nullptr, effect != nullptr ? effect : "");
    check_ports(report, attempts.program());
}

}  // namespace skerry::usr::test
