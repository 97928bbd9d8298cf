// Address spaces: an entry translates as soon as it is written, with the rights that it says and no others.
#include "space.hpp"
#include "suite.hpp"

namespace skerry::contract_test {
namespace {

using platform::PageTable;

void test_roots(Glue& glue, Report& report) {
    Pages pages(glue);
    base::PhysAddr root = pages.take();
    auto* entries = reinterpret_cast<uint64_t*>(glue.machine.pointer(root));
    glue.machine.prepare_root(root);
    bool untouched = true;
    for (uint32_t i = 0; i < PageTable::user_root_entries; i++) untouched &= entries[i] == 0;
    report.check(untouched, "preparing a root leaves the program's entries");
    glue.machine.switch_space(root);
    report.check(glue.machine.pointer(root) == reinterpret_cast<std::byte*>(entries) && entries[0] == 0,
                 "the driver runs on in a prepared space");
    glue.machine.switch_space(base::PhysAddr{0});
    report.check(entries[0] == 0, "and in its own again");
}

void test_mapping(Glue& glue, Report& report) {
    Pages pages(glue);
    Space space(glue, pages);
    glue.machine.switch_space(space.root());
    base::PhysAddr page = pages.take();
    space.word(page) = 0x1234;
    report.check(space.can(Access::execute, Space::code), "a program runs");
    report.check(!space.can(Access::load, Space::data), "it cannot load where nothing is mapped");
    space.map(Space::data, page, Space::read | Space::write);
    report.check(space.loads(Space::data, 0x1234), "an entry where none was works at once");
    report.check(space.can(Access::store, Space::data + 8, 0x5678) && space.word(page + 8) == 0x5678,
                 "what it stores is in memory");
    report.check(!space.can(Access::load, Space::data + base::page_size) && !space.can(Access::load, Space::data - 8),
                 "the pages beside are not mapped");
    base::VirtAddr kernel{reinterpret_cast<uint64_t>(glue.machine.pointer(page))};
    report.check(!space.can(Access::load, kernel) && !space.can(Access::store, kernel, 1) && space.word(page) == 0x1234,
                 "the driver's alias is not the program's");
    report.check(!space.can(Access::load, base::VirtAddr{reinterpret_cast<uint64_t>(&test_mapping)}),
                 "nor is its text");
    glue.machine.switch_space(base::PhysAddr{0});
}

void test_rights(Glue& glue, Report& report) {
    Pages pages(glue);
    Space space(glue, pages);
    glue.machine.switch_space(space.root());
    base::PhysAddr page = space.code_page();
    uint64_t before = space.word(page);
    constexpr base::VirtAddr read_only = Space::data, writable = Space::data + base::page_size,
                             executable = Space::data + 2 * base::page_size;
    space.map(read_only, page, Space::read);
    space.map(writable, page, Space::read | Space::write);
    space.map(executable, page, Space::read | Space::execute);
    report.check(space.loads(read_only, before) && space.loads(writable, before), "what is mapped can be read");
    report.check(!space.can(Access::store, read_only, 1) && space.word(page) == before, "read-only is not written");
    report.check(!space.can(Access::execute, read_only), "nor executed");
    report.check(!space.can(Access::execute, writable), "what can be written is not executed");
    report.check(!space.can(Access::store, executable, 1) && space.word(page) == before,
                 "what can be executed is not written");
    report.check(space.can(Access::execute, executable), "and is executed");
    report.check(space.can(Access::store, writable + 512, 9) && space.word(page + 512) == 9, "what can be written is");
    glue.machine.switch_space(base::PhysAddr{0});
}

void test_large(Glue& glue, Report& report) {
    Pages pages(glue);
    Space space(glue, pages);
    glue.machine.switch_space(space.root());
    bool right = true;
    for (uint32_t level = 2; level <= PageTable::largest_leaf_level; level++) {
        uint64_t bytes = PageTable::bytes_per_entry(level);
        if (bytes > unit) break;
        base::PhysAddr memory = glue.memory(4);
        base::VirtAddr address{base::round_up(Space::data.value, bytes) + bytes};
        space.word(memory) = level, space.word(memory + (bytes - 8)) = level + 100;
        space.map(address, memory, Space::read, level);
        right &= space.loads(address, level) && space.loads(address + (bytes - 8), level + 100);
        right &= !space.can(Access::store, address, 1) && !space.can(Access::load, address + bytes);
    }
    report.check(right, "an entry of a higher level maps all of its memory");
    glue.machine.switch_space(base::PhysAddr{0});
}

}  // namespace

void test_mmu(Glue& glue, Report& report) {
    test_roots(glue, report);
    test_mapping(glue, report);
    test_rights(glue, report);
    test_large(glue, report);
}

}  // namespace skerry::contract_test
