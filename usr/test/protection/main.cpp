// What a program must not be able to do, tried from user mode, one line a check. Exit status 0 if all held.
#include "usr/console/session.hpp"
#include "usr/test/protection/checks.hpp"

int program_main(skerry::runtime::Program& self) {
    using namespace skerry::usr;
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    auto write = [](void* to, std::string_view line) { static_cast<console::Session*>(to)->console.write(line); };
    test::Report report("protection", write, &session);
    test::Attempts attempts(self);
    test::check_addresses(report, attempts);
    test::check_instructions(report, attempts);
    test::check_mappings(report, attempts);
    test::check_memory(report, attempts);
    test::check_registers(report, attempts);
    return session.finish(report.finish());
}
