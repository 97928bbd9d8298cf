// The suite on the host: a test case a group, each on a machine of its own.
#include <catch2/catch.hpp>

#include "glue.hpp"
#include "test/contract/suite.hpp"

using namespace skerry;
using namespace skerry::contract_test;

namespace {

class CatchReport final : public Report {
  public:
    void check(bool ok, std::string_view name) override {
        INFO(std::string(name));
        CHECK(ok);
        checks++;
    }
    uint32_t checks = 0;
};

void run(std::string_view name) {
    platform::Arena arena((units + 2) * unit);
    platform::Machine machine(arena, 7);
    machine.owned.push_back({unit, units * unit});
    HostGlue glue(arena, machine);
    CatchReport report;
    for (const Group& group : all_groups()) {
        if (group.name == name) group.run(glue, report);
    }
    CHECK(report.checks > 0);
    CHECK(machine.foreign_accesses.empty());
    CHECK(machine.space == 0);
    CHECK(machine.armed == 0);
}

}  // namespace

TEST_CASE("contract: page table format") {
    run("page_table");
}
TEST_CASE("contract: registers") {
    run("registers");
}
TEST_CASE("contract: memory") {
    run("memory");
}
TEST_CASE("contract: address spaces") {
    run("mmu");
}
TEST_CASE("contract: flushes") {
    run("flush");
}
TEST_CASE("contract: programs") {
    run("programs");
}
TEST_CASE("contract: extended state") {
    run("extended_state");
}
TEST_CASE("contract: clock") {
    run("clock");
}
TEST_CASE("contract: timer") {
    run("timer");
}
TEST_CASE("contract: pokes") {
    run("pokes");
}
TEST_CASE("contract: interrupts") {
    run("interrupts");
}
TEST_CASE("contract: ports") {
    run("ports");
}
TEST_CASE("contract: every group has its test case") {
    CHECK(all_groups().size() == 12);
}
