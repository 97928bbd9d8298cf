// The program that a monitor under test believes to be, and the user half below it: nobody upcalls, nobody waits.
#include "usr/runtime/program.hpp"

#include <memory>

#include "test/unit/monitor/world.hpp"
#include "usr/runtime/machine.hpp"

namespace {
std::unique_ptr<skerry::runtime::Program> the_program;
}

skerry::runtime::Program& skerry::test::fresh_program() {
    the_program = std::make_unique<runtime::Program>();
    return *the_program;
}
skerry::runtime::Program& skerry::runtime::program() {
    return *the_program;
}

extern "C" {
void skerry_switch_out(uint64_t*, uint64_t) {
    SKERRY_ASSERT(!"nobody would wake this test");
}
void skerry_entry_run() {}
void skerry_entry_page_fault() {}
void skerry_entry_message() {}
void skerry_entry_trap() {}
char skerry_critical_start[1], skerry_critical_end[1];
}
