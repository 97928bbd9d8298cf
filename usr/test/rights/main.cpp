// Every right of every type that a program can hold, tried without it. Exit status 0 if all were refused.
#include "usr/console/session.hpp"
#include "usr/test/rights/checks.hpp"

int program_main(skerry::runtime::Program& self) {
    using namespace skerry::usr;
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    auto write = [](void* to, std::string_view line) { static_cast<console::Session*>(to)->console.write(line); };
    test::Report report("rights", write, &session);
    test::check_rights(report, self);
    return session.finish(report.finish());
}
