// Law 10: when a flush returns, no old translation is used. Each check uses the old one first, so that it is
// cached.
#include "space.hpp"
#include "suite.hpp"

namespace skerry::contract_test {
namespace {

using platform::PageTable;
using Flush = void (*)(platform::Machine&);

void page_alone(platform::Machine& machine) {
    machine.flush_page(Space::data);
}
void whole_space(platform::Machine& machine) {
    machine.flush_space();
}

struct Names {
    const char *moved, *narrowed, *widened, *gone, *back;
};

void test_entry(Glue& glue, Report& report, Flush flush, const Names& names) {
    Pages pages(glue);
    Space space(glue, pages);
    glue.machine.switch_space(space.root());
    base::PhysAddr first = pages.take(), second = pages.take();
    space.word(first) = 1, space.word(second) = 2;

    space.map(Space::data, first, Space::read | Space::write);
    bool seen = space.loads(Space::data, 1);
    space.map(Space::data, second, Space::read | Space::write);
    flush(glue.machine);
    report.check(seen && space.loads(Space::data, 2), names.moved);

    seen = space.can(Access::store, Space::data, 3) && space.word(second) == 3;
    space.map(Space::data, second, Space::read);
    flush(glue.machine);
    report.check(seen && !space.can(Access::store, Space::data, 4) && space.loads(Space::data, 3), names.narrowed);
    space.map(Space::data, second, Space::read | Space::write);
    flush(glue.machine);
    report.check(space.can(Access::store, Space::data, 5) && space.word(second) == 5, names.widened);

    *space.entry(Space::data, 1) = 0;
    flush(glue.machine);
    report.check(!space.can(Access::load, Space::data), names.gone);
    space.map(Space::data, first, Space::read);
    report.check(space.loads(Space::data, 1), names.back);
    glue.machine.switch_space(base::PhysAddr{0});
}

void test_tables(Glue& glue, Report& report) {
    Pages pages(glue);
    Space space(glue, pages);
    glue.machine.switch_space(space.root());
    // Far from the code, so that only data hangs under the table that goes.
    constexpr base::VirtAddr far = Space::data + 2 * PageTable::bytes_per_entry(2);
    base::PhysAddr page = pages.take(), other = pages.take();
    space.word(page) = 1, space.word(other) = 2;
    space.map(far, page, Space::read);
    bool seen = space.loads(far, 1);
    volatile uint64_t* link = space.entry(far, 2);
    base::PhysAddr freed = PageTable::address(*link);
    *link = 0;
    glue.machine.flush_space();
    // The page-table page is somebody's data now.
    *reinterpret_cast<volatile uint64_t*>(glue.machine.pointer(freed)) = PageTable::leaf(other, Space::read, 1);
    report.check(seen && !space.can(Access::load, far) && !space.can(Access::load, far + base::page_size),
                 "after flush_space no walk goes through a table that was freed");
    glue.machine.switch_space(base::PhysAddr{0});
}

void test_spaces(Glue& glue, Report& report) {
    Pages pages(glue);
    Space one(glue, pages), two(glue, pages);
    base::PhysAddr first = pages.take(), second = pages.take();
    one.word(first) = 1, one.word(second) = 2;
    one.map(Space::data, first, Space::read);
    two.map(Space::data, second, Space::read);
    one.map(Space::data + base::page_size, first, Space::read);
    bool right = true;
    for (int round = 0; round < 3; round++) {
        glue.machine.switch_space(one.root());
        right &= one.loads(Space::data, 1) && one.loads(Space::data + base::page_size, 1);
        glue.machine.switch_space(two.root());
        right &= two.loads(Space::data, 2) && !two.can(Access::load, Space::data + base::page_size);
    }
    report.check(right, "after switch_space only the new space translates");
    glue.machine.switch_space(base::PhysAddr{0});
}

}  // namespace

void test_flush(Glue& glue, Report& report) {
    test_entry(glue, report, page_alone,
               {"after flush_page the page is where the entry says", "after flush_page taken rights are gone",
                "after flush_page given rights are there", "after flush_page an unmapped page is gone",
                "after flush_page it can be mapped again"});
    test_entry(glue, report, whole_space,
               {"after flush_space the page is where the entry says", "after flush_space taken rights are gone",
                "after flush_space given rights are there", "after flush_space an unmapped page is gone",
                "after flush_space it can be mapped again"});
    test_tables(glue, report);
    test_spaces(glue, report);
}

}  // namespace skerry::contract_test
