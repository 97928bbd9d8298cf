// Every right of every type that a program can hold, tried without it. Exit status 0 if all were refused.
#include "usr/console/session.hpp"
#include "usr/test/rights/checks.hpp"

namespace {

// What only a manager may: to start another one, wherever.
void check_manager(skerry::usr::test::Report& report, skerry::usr::console::Session& session) {
    namespace monitor = skerry::urpc::monitor;
    monitor::Spawn spawn{{}, monitor::Name::cut("hello"), {}, monitor::spawn_flags::manager};
    using skerry::base::Error;
    for (skerry::base::CoreId core : {session.loop.program().core(), monitor::any_core}) {
        spawn.core = core;
        report.equal("manager started by no manager", session.monitor.ask(spawn).error(), Error::refused);
    }
}

}  // namespace

int program_main(skerry::runtime::Program& self) {
    using namespace skerry::usr;
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    auto write = [](void* to, std::string_view line) { static_cast<console::Session*>(to)->console.write(line); };
    test::Report report("rights", write, &session);
    test::check_rights(report, self);
    check_manager(report, session);
    return session.finish(report.finish());
}
