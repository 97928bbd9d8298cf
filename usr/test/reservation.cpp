// A hard reservation holds: what the core cannot promise is refused, and what it promises it keeps, whatever
// siblings spin beside it. Meanwhile the monitor and the console still answer.
#include "usr/console/session.hpp"
#include "usr/test/report.hpp"
#include "usr/test/sibling.hpp"

namespace {

using namespace skerry;
using base::Error;
using usr::test::Report;
using usr::test::Sibling;

constexpr uint64_t ms = 1'000'000;
constexpr uint64_t budget = 2 * ms, period = 10 * ms;
constexpr uint64_t work = budget * 3 / 5;  // of a period; the rest pays for upcalls and the console
constexpr uint32_t periods = 100;

void check_admission(Report& report, Sibling& spinner) {
    runtime::DispatcherCap own{};
    report.equal("over_commit", own.reserve_hard(period * 95 / 100, period).error(), Error::refused);
    report.equal("budget_above_period", own.reserve_hard(2 * period, period).error(), Error::invalid_argument);
    report.equal("budget_of_nothing", own.reserve_hard(0, period).error(), Error::invalid_argument);
    report.equal("granted", own.reserve_hard(budget, period).error(), Error::none);
    report.equal("over_commit_together", spinner.reserve(period * 8 / 10, period).error(), Error::refused);
    report.equal("granted_beside", spinner.reserve(period / 10, period).error(), Error::none);
}

// Works a little in every period. -> the longest that a period's work was done after its start, in ns
uint64_t keep_time(runtime::Program& self) {
    uint64_t start = self.dispatcher.now(), longest = 0;
    for (uint32_t i = 1; i <= periods; ++i) {
        uint64_t release = start + i * period;
        self.dispatcher.sleep_until(release);
        uint64_t used = self.dispatcher.now() + work;
        while (self.dispatcher.now() < used) platform::pause();
        longest = std::max(longest, self.dispatcher.now() - release);
    }
    return longest;
}

// The monitor shares the core with all of the above and holds no reservation.
bool monitor_answers(usr::console::Session& session, runtime::Program& self) {
    auto answer = session.monitor.ask(urpc::monitor::CoreStatus{self.core()});
    return answer.ok() && answer->state == urpc::monitor::CoreState::online;
}

int run(runtime::Program& self, usr::console::Session& session) {
    auto write = [](void* to, std::string_view line) { static_cast<usr::console::Session*>(to)->console.write(line); };
    Report report("reservation", write, &session);
    static Sibling hard(self), first(self), second(self);
    for (Sibling* sibling : {&hard, &first, &second}) {
        report.equal("sibling", sibling->make().error(), Error::none);
    }
    check_admission(report, hard);
    (void)session.console.flush().ok();
    for (Sibling* sibling : {&hard, &first, &second}) {
        report.equal("sibling_started", sibling->start().error(), Error::none);
    }
    auto before = runtime::DispatcherCap{}.read_state();
    uint64_t longest = keep_time(self);
    auto after = runtime::DispatcherCap{}.read_state();

    base::Buffer<80> text;
    text << "longest " << longest / 1000 << " us, siblings " << hard.cpu_ns() / ms << ' ' << first.cpu_ns() / ms << ' '
         << second.cpu_ns() / ms << " ms";
    report.note(text.view());
    report.check("no_deadline_missed", before.ok() && after.ok() && before->deadline_misses == after->deadline_misses);
    report.check("work_within_period", longest <= period);
    report.check("siblings_ran", first.cpu_ns() != 0 && second.cpu_ns() != 0);
    constexpr uint64_t slack = 2;  // budgets are charged when somebody looks
    report.check("hard_sibling_kept_to_its_budget", hard.cpu_ns() <= periods * (period / 10) * slack);
    report.check("monitor_answers", monitor_answers(session, self));
    report.check("console_answers", session.console.flush().ok());
    for (Sibling* sibling : {&hard, &first, &second}) sibling->end();
    return report.finish();
}

}  // namespace

int program_main(runtime::Program& self) {
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    return session.finish(run(self, session));
}
