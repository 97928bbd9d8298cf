// Every translation of the kernel half, as the CPU itself would find it: nothing is both writable and
// executable, nothing is user level's, and the image's text and read-only data have one mapping, their own.
#include <cstddef>

#include "checks.hpp"
#include "platform/page_table.hpp"
#include "report.hpp"

extern "C" {
extern std::byte skerry_image_start[], skerry_text_start[], skerry_text_end[], skerry_rodata_end[];
}

namespace skerry::probe {
namespace {

using platform::PageTable;

struct Access {
    bool write = true, user = true, execute = true;
    Access under(uint64_t entry) const {
        return {write && (entry & PageTable::write_bit), user && (entry & PageTable::user_bit),
                execute && !(entry & PageTable::no_execute)};
    }
};

class Walk {
  public:
    explicit Walk(const capabilities::BootRecord& record) : record_(record) {}

    void root() {
        uint64_t* table = pointer(platform::read_cr3() & PageTable::address_mask);
        for (uint32_t i = 0; i < PageTable::entries; i++) {
            if (!PageTable::present(table[i])) continue;
            if (i < PageTable::entries / 2) {
                lower_entries++;
                continue;
            }
            descend(table[i], PageTable::levels, 0xffff'0000'0000'0000 | uint64_t{i} << 39, {});
        }
    }

    uint64_t leaves = 0, lower_entries = 0, write_execute = 0, user = 0, wrong_executable = 0, aliased_image = 0;
    uint64_t first_bad = 0;

  private:
    uint64_t* pointer(uint64_t physical) const {
        uint64_t offset = physical - record_.image_base;
        return reinterpret_cast<uint64_t*>(offset < record_.image_size ? platform::image_base + offset
                                                                       : platform::alias_base + physical);
    }

    // At most four levels deep.
    void descend(uint64_t entry, uint32_t level, uint64_t address, Access above) {
        Access access = above.under(entry);
        bool leaf = level == 1 || (level <= 3 && (entry & PageTable::large_bit));
        if (leaf) return look(entry, level, address, access);
        uint64_t* table = pointer(PageTable::address(entry).value);
        for (uint32_t i = 0; i < PageTable::entries; i++) {
            if (!PageTable::present(table[i])) continue;
            descend(table[i], level - 1, address + i * PageTable::bytes_per_entry(level - 1), access);
        }
    }

    void look(uint64_t entry, uint32_t level, uint64_t address, Access access) {
        leaves++;
        uint64_t bytes = PageTable::bytes_per_entry(level);
        uint64_t physical = PageTable::address(entry).value & ~(bytes - 1);
        auto fixed = static_cast<uint64_t>(skerry_rodata_end - skerry_text_start);
        uint64_t text = record_.image_base + static_cast<uint64_t>(skerry_text_start - skerry_image_start);
        bool in_text = address >= reinterpret_cast<uint64_t>(skerry_text_start) &&
                       address < reinterpret_cast<uint64_t>(skerry_text_end);
        bool over_fixed = physical < text + fixed && text < physical + bytes;
        bool own_address = address == platform::image_base + (physical - record_.image_base);
        count(write_execute, access.write && access.execute, address);
        count(user, access.user, address);
        count(wrong_executable, access.execute != in_text, address);
        count(aliased_image, over_fixed && (access.write || !own_address), address);
    }
    void count(uint64_t& which, bool bad, uint64_t address) {
        if (bad && first_bad == 0) first_bad = address;
        which += bad;
    }

    const capabilities::BootRecord& record_;
};

}  // namespace

void walk_pages(const capabilities::BootRecord& record) {
    Walk walk(record);
    walk.root();
    base::Buffer<160> detail;
    detail << walk.leaves << " translations, first bad one at " << base::Hex{walk.first_bad};
    constexpr uint64_t least = 40;  // the image alone has more
    check("walk_found_the_kernel", walk.leaves >= least, detail.view());
    check("walk_no_write_and_execute", walk.write_execute == 0, detail.view());
    check("walk_no_user_page", walk.user == 0, detail.view());
    check("walk_only_text_executes", walk.wrong_executable == 0, detail.view());
    check("walk_text_mapped_once", walk.aliased_image == 0, detail.view());
    check("walk_lower_half_empty", walk.lower_entries == 0, detail.view());
}

}  // namespace skerry::probe
