// Every register survives what the program does not see: being preempted, enabled or not, and its own
// upcalls.
#include "usr/test/protection/checks.hpp"
#include "usr/test/sibling.hpp"

namespace skerry::usr::test {
namespace {

using platform::Meanwhile;

constexpr uint64_t turns = 20'000;            // of a loop, well below a time slice
constexpr uint64_t patience = 5'000'000'000;  // ns
constexpr uint64_t wanted_preemptions = 5;

struct Calls {
    uint64_t count = 0;
    const char* wrong = nullptr;
};

void serve(void* context, platform::Registers& registers) {
    auto& calls = *static_cast<Calls*>(context);
    ++calls.count;
    if (registers.call_number() != platform::foreign_number) calls.wrong = "the number";
    if (const char* name = platform::wrong_register(registers)) calls.wrong = name;
}

std::string_view or_none(const char* name) {
    return name != nullptr ? name : "";
}

// A sibling that never gives up the core takes it from us again and again.
void check_preemption(Report& report, runtime::Program& self, bool wide) {
    Sibling sibling(self);
    base::Status made = sibling.make();
    if (made.ok()) made = sibling.start();
    report.equal("sibling_started", made.error(), base::Error::none);
    if (!made.ok()) return;

    const char* changed = nullptr;
    uint64_t seed = 1, end = self.dispatcher.now() + patience;
    auto upcalls = [&] { return static_cast<volatile capabilities::DispatcherPage&>(self.dispatcher.page()).upcalls; };
    uint64_t before = upcalls();
    while (changed == nullptr && upcalls() < before + wanted_preemptions && self.dispatcher.now() < end) {
        changed = platform::changed_register(Meanwhile::time_passes, ++seed, turns, false, wide);
    }
    report.check("preempted_enabled", upcalls() >= before + wanted_preemptions, "it was not preempted");
    report.check("registers_enabled", changed == nullptr, or_none(changed));

    // Disabled, the driver itself resumes: the register that finds the dispatcher page counts, too.
    uint64_t sibling_before = sibling.cpu_ns();
    constexpr uint64_t disabled_time = 100'000'000;
    end = self.dispatcher.now() + disabled_time;
    changed = nullptr;
    self.dispatcher.disable();
    while (changed == nullptr && self.dispatcher.now() < end) {
        changed = platform::changed_register(Meanwhile::time_passes, ++seed, turns, true, wide);
    }
    self.dispatcher.enable();
    report.check("preempted_disabled", sibling.cpu_ns() > sibling_before, "it was not preempted");
    report.check("registers_disabled", changed == nullptr, or_none(changed));
}

}  // namespace

void check_registers(Report& report, Attempts& attempts) {
    runtime::Program& self = attempts.program();
    bool wide = platform::has_wide_vectors(self.dispatcher.page().extended_mask);
    report.note(wide ? "vectors: wide" : "vectors: narrow");

    Calls calls;
    self.dispatcher.on_system_call(&serve, &calls);
    const char* changed = platform::changed_register(Meanwhile::foreign_call, 7, 0, false, wide);
    report.check("foreign_call_reflected", calls.count == 1, "the handler was not called once");
    report.check("foreign_call_registers_seen", calls.wrong == nullptr, or_none(calls.wrong));
    report.check("foreign_call_registers_kept", changed == nullptr, or_none(changed));

    attempts.pass_exceptions();
    changed = platform::changed_register(Meanwhile::breakpoint, 8, 0, false, wide);
    report.check("breakpoint_reflected", attempts.passed() == 1, "the handler was not called once");
    report.check("breakpoint_registers_kept", changed == nullptr, or_none(changed));
    check_preemption(report, self, wide);
}

}  // namespace skerry::usr::test
