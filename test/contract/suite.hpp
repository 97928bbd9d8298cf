// The contract test suite: what every platform must do, in groups. Start at suite.cpp.
#pragma once

#include <span>

#include "glue.hpp"
#include "report.hpp"

namespace skerry::contract_test {

struct Group {
    std::string_view name;
    void (*run)(Glue& glue, Report& report);
};

// In the order in which a port makes them pass. Each leaves the kernel's own space current and the timer
// disarmed.
std::span<const Group> all_groups();

void test_page_table(Glue& glue, Report& report);
void test_registers(Glue& glue, Report& report);
void test_memory(Glue& glue, Report& report);
void test_mmu(Glue& glue, Report& report);
void test_flush(Glue& glue, Report& report);
void test_programs(Glue& glue, Report& report);
void test_extended_state(Glue& glue, Report& report);
void test_clock(Glue& glue, Report& report);
void test_timer(Glue& glue, Report& report);
void test_pokes(Glue& glue, Report& report);
void test_interrupts(Glue& glue, Report& report);
void test_ports(Glue& glue, Report& report);

}  // namespace skerry::contract_test
