#include "suite.hpp"

namespace skerry::contract_test {
namespace {

constexpr Group groups[] = {
    {"page_table", test_page_table},
    {"registers", test_registers},
    {"memory", test_memory},
    {"mmu", test_mmu},
    {"flush", test_flush},
    {"programs", test_programs},
    {"extended_state", test_extended_state},
    {"clock", test_clock},
    {"timer", test_timer},
    {"pokes", test_pokes},
    {"interrupts", test_interrupts},
    {"ports", test_ports},
};

}  // namespace

std::span<const Group> all_groups() {
    return groups;
}

}  // namespace skerry::contract_test
