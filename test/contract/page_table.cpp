// The page-table format: facts, the same wherever they are compiled.
#include "capabilities/interface/system_call.hpp"
#include "suite.hpp"

namespace skerry::contract_test {
namespace {

using platform::PageTable;
namespace map_flags = capabilities::map_flags;

void test_shape(Report& report) {
    report.check(PageTable::levels >= 2, "there are at least two levels");
    report.check(PageTable::bytes_per_entry(1) == base::page_size, "an entry of level 1 maps a page");
    bool grows = true;
    for (uint32_t level = 2; level <= PageTable::levels; level++) {
        grows &= PageTable::bytes_per_entry(level) == PageTable::bytes_per_entry(level - 1) * PageTable::entries;
    }
    report.check(grows, "an entry maps what a table of the next level maps");
    report.check(PageTable::user_root_entries > 1 && PageTable::user_root_entries < PageTable::entries,
                 "programs and the driver share the root's entries");
    report.check(PageTable::largest_leaf_level >= 1 && PageTable::largest_leaf_level < PageTable::levels,
                 "the largest leaf is below the root");
    report.check(!PageTable::present(0), "an entry of zero maps nothing");
    bool indexed = true;
    base::VirtAddr address{0};
    for (uint32_t level = 1; level <= PageTable::levels; level++) {
        address = address + (level + 1) * PageTable::bytes_per_entry(level);
    }
    for (uint32_t level = 1; level <= PageTable::levels; level++) {
        indexed &= PageTable::index(address, level) == level + 1;
        indexed &= PageTable::index(address + (PageTable::bytes_per_entry(1) - 1), level) == level + 1;
    }
    report.check(indexed, "index finds the entry of each level");
}

constexpr uint64_t rights[] = {map_flags::read, map_flags::read | map_flags::write,
                               map_flags::read | map_flags::execute};
constexpr uint64_t attributes[] = {map_flags::write_back, map_flags::uncached, map_flags::write_combining,
                                   map_flags::device};

bool round_trips(base::PhysAddr address, uint32_t level) {
    bool right = true;
    for (uint64_t right_flags : rights) {
        for (uint64_t attribute : attributes) {
            uint64_t entry = PageTable::leaf(address, right_flags | attribute, level);
            right &= PageTable::present(entry) && PageTable::address(entry) == address;
        }
    }
    return right;
}

void test_leaves(Report& report) {
    bool kept = true, distinct = true, changed = true, cached = true;
    for (uint32_t level = 1; level <= PageTable::largest_leaf_level; level++) {
        uint64_t bytes = PageTable::bytes_per_entry(level);
        constexpr uint64_t highest = uint64_t{1} << 36;  // every supported ISA has at least as many
        for (uint64_t address : {uint64_t{0}, bytes, 3 * bytes, highest - bytes}) {
            kept &= round_trips(base::PhysAddr{address}, level);
        }
        base::PhysAddr address{5 * bytes};
        uint64_t r = PageTable::leaf(address, rights[0], level), rw = PageTable::leaf(address, rights[1], level),
                 rx = PageTable::leaf(address, rights[2], level);
        distinct &= r != rw && r != rx && rw != rx;
        for (uint64_t entry : {r, rw, rx}) {
            changed &= PageTable::with_rights(entry, rights[0]) == r &&
                       PageTable::with_rights(entry, rights[1]) == rw && PageTable::with_rights(entry, rights[2]) == rx;
        }
        uint64_t device = PageTable::leaf(address, rights[1] | map_flags::device, level);
        cached &= device != rw && PageTable::leaf(address, rights[1] | map_flags::uncached, level) != rw;
        changed &=
            PageTable::with_rights(device, rights[0]) == PageTable::leaf(address, rights[0] | map_flags::device, level);
    }
    report.check(kept, "a leaf of each level, right and attribute is present and keeps its address");
    report.check(distinct, "read, write and execute make different leaves");
    report.check(cached, "device memory is not cached as RAM is");
    report.check(changed, "with_rights changes the rights and nothing else");
}

}  // namespace

void test_page_table(Glue&, Report& report) {
    test_shape(report);
    test_leaves(report);
    base::PhysAddr address{7 * base::page_size};
    uint64_t table = PageTable::table(address);
    report.check(PageTable::present(table) && PageTable::address(table) == address,
                 "a table's entry is present and keeps its address");
    report.check(table != PageTable::leaf(address, rights[1], PageTable::largest_leaf_level),
                 "a table's entry is no leaf");
}

}  // namespace skerry::contract_test
