#include "memory/alias_map.hpp"

#include <cstring>

#include "platform/page_table.hpp"
#include "platforms/base/assert.hpp"

extern "C" {
// cpudriver.ld: page-aligned borders of the image's parts.
extern std::byte skerry_image_start[], skerry_text_start[], skerry_text_end[], skerry_rodata_end[], skerry_image_end[];
extern std::byte kernel_stack_guard[];  // one page below the stack (boot.S)
}

namespace skerry::platform {
namespace {

using Table = uint64_t*;
constexpr size_t pool_pages = 12;
alignas(4096) constinit uint64_t table_pool[pool_pages][512] = {};
constinit size_t pool_used = 0;

uint64_t image_physical(const void* p, const capabilities::BootRecord& record) {
    return reinterpret_cast<uint64_t>(p) - image_base + record.image_base;
}

// During the build, tables in the image are reached at their link address, later ones through the alias itself.
class Builder {
  public:
    explicit Builder(capabilities::BootRecord& record) : record_(record) {}

    Table root() { return table_pool[0]; }
    bool failed() const { return failed_; }

    void map(uint64_t address, uint64_t physical, uint64_t size, uint64_t bits) {
        SKERRY_ASSERT((address | physical | size) % 4096 == 0);
        while (size != 0 && !failed_) {
            bool large = (address | physical) % large_page == 0 && size >= large_page;
            Table table = descend(address, large ? 2 : 1);
            if (!table) return;
            uint64_t bytes = large ? large_page : 4096;
            table[PageTable::index(base::VirtAddr{address}, large ? 2 : 1)] =
                physical | bits | (large ? PageTable::large_bit : 0);
            address += bytes, physical += bytes, size -= bytes;
        }
    }
    Table fresh() {
        if (pool_used < pool_pages) return table_pool[pool_used++];
        uint64_t physical = take_page();
        if (!physical) {
            failed_ = true;
            return nullptr;
        }
        auto* page = reinterpret_cast<uint64_t*>(alias_base + physical);
        std::memset(page, 0, 4096);
        return page;
    }
    // RAM for more tables: from the end of `spare_`, which is aliased already.
    void set_spare(capabilities::BootRange& range) { spare_ = &range; }

  private:
    uint64_t take_page() {
        if (!spare_ || spare_->size < 2 * 4096) return 0;
        spare_->size -= 4096;
        uint64_t page = spare_->base + spare_->size;
        if (page < record_.program_base + record_.program_size && page + 4096 > record_.program_base) {
            spare_->size = base::round_down(record_.program_base, 4096) - spare_->base;
            return take_page();
        }
        return spare_->base + spare_->size;
    }
    uint64_t physical(Table table) {
        auto address = reinterpret_cast<uint64_t>(table);
        return address >= image_base ? image_physical(table, record_) : address - alias_base;
    }
    Table pointer(uint64_t physical) {
        uint64_t offset = physical - record_.image_base;
        return reinterpret_cast<Table>(offset < record_.image_size ? image_base + offset : alias_base + physical);
    }
    Table descend(uint64_t address, uint32_t target) {
        Table table = root();
        for (uint32_t level = 4; level > target; level--) {
            uint64_t& entry = table[PageTable::index(base::VirtAddr{address}, level)];
            if (!PageTable::present(entry)) {
                Table next = fresh();
                if (!next) return nullptr;
                entry = physical(next) | PageTable::present_bit | PageTable::write_bit;
            }
            table = pointer(PageTable::address(entry).value);
        }
        return table;
    }
    capabilities::BootRecord& record_;
    capabilities::BootRange* spare_ = nullptr;
    bool failed_ = false;
};

void map_image(Builder& builder, const capabilities::BootRecord& record) {
    constexpr uint64_t present = PageTable::present_bit | PageTable::global_bit;
    constexpr uint64_t write = PageTable::write_bit, no_execute = PageTable::no_execute;
    auto part = [&](std::byte* from, std::byte* to, uint64_t bits) {
        auto start = reinterpret_cast<uint64_t>(from);
        builder.map(start, image_physical(from, record), reinterpret_cast<uint64_t>(to) - start, bits);
    };
    part(skerry_image_start, skerry_text_start, present | write | no_execute);  // the boot record
    part(skerry_text_start, skerry_text_end, present);
    part(skerry_text_end, skerry_rodata_end, present | no_execute);
    part(skerry_rodata_end, kernel_stack_guard, present | write | no_execute);
    part(kernel_stack_guard + 4096, skerry_image_end, present | write | no_execute);
    uint64_t apic_physical = read_msr(0x1b) & 0x000f'ffff'ffff'f000;
    builder.map(apic_address, apic_physical, 4096,
                present | write | no_execute | PageTable::cache_disable | PageTable::write_through);
    builder.map(poke_address, record.poke_area, poke_area_size, present | write | no_execute);
}

}  // namespace

bool build_kernel_space(Machine& machine, capabilities::BootRecord& record) {
    SKERRY_ASSERT(pool_used == 0);
    pool_used = 1;  // the root
    Builder builder(record);
    map_image(builder, record);
    // The whole kernel half has its first-level tables now, so roots made later see every change below them.
    constexpr uint64_t bits =
        PageTable::present_bit | PageTable::write_bit | PageTable::no_execute | PageTable::global_bit;
    uint64_t root = image_physical(builder.root(), record);
    // Largest range first: once it is aliased, it can give the tables for the others. It must itself fit the pool:
    // one 1-GiB table, one 2-MiB table and two 4-KiB tables for the edges; larger ones are mapped in two steps.
    capabilities::BootRange* largest = &record.ram[0];
    for (uint32_t i = 1; i < record.ram_count; i++) {
        if (record.ram[i].size > largest->size) largest = &record.ram[i];
    }
    constexpr uint64_t first_step = 64 * 1024 * 1024;
    uint64_t head = largest->size < first_step ? 0 : base::round_up(largest->base, large_page) + first_step / 2;
    uint64_t tail = largest->base + largest->size;  // tables are taken below this
    if (head == 0 || head > tail) head = tail;
    builder.map(alias_base + largest->base, largest->base, head - largest->base, bits);
    if (builder.failed()) return false;
    write_cr3(root);
    machine.set_kernel_root(builder.root(), root);
    capabilities::BootRange spare{largest->base, head - largest->base};
    builder.set_spare(spare);
    builder.map(alias_base + head, head, tail - head, bits);
    for (uint32_t i = 0; i < record.ram_count; i++) {
        capabilities::BootRange& range = record.ram[i];
        if (&range != largest) builder.map(alias_base + range.base, range.base, range.size, bits);
    }
    // The first program's file, if it lies outside the RAM ranges, is only read.
    uint64_t program = base::round_down(record.program_base, 4096);
    uint64_t program_end = base::round_up(record.program_base + record.program_size, 4096);
    bool in_ram = false;
    for (uint32_t i = 0; i < record.ram_count; i++) {
        in_ram |= program >= record.ram[i].base && program_end <= record.ram[i].base + record.ram[i].size;
    }
    if (!in_ram) builder.map(alias_base + program, program, program_end - program, bits & ~PageTable::write_bit);
    // What the tables took leaves the middle of the largest range: split it there.
    if (!builder.failed() && spare.base + spare.size != head) {
        if (head != tail) {
            if (record.ram_count == capabilities::boot_ranges_maximum) return false;
            record.ram[record.ram_count++] = {head, tail - head};
        }
        largest->size = spare.size;
    }
    write_cr3(root);
    return !builder.failed();
}

void Machine::prepare_root(base::PhysAddr root) {
    auto* table = reinterpret_cast<uint64_t*>(pointer(root));
    std::memcpy(table + 256, kernel_root_ + 256, 2048);
}

// The entry of the kernel's tables that an address is translated by, or the empty one at which the walk ends; none below
// level `lowest`. Tables lie in the image or in aliased RAM.
uint64_t* Machine::kernel_entry(uint64_t address, uint32_t lowest) {
    uint64_t image = kernel_root_physical_ - (reinterpret_cast<uint64_t>(kernel_root_) - image_base);
    Table table = kernel_root_;
    for (uint32_t level = PageTable::levels;; level--) {
        uint64_t* entry = table + PageTable::index(base::VirtAddr{address}, level);
        if (level == lowest || !PageTable::present(*entry) || (*entry & PageTable::large_bit)) return entry;
        uint64_t next = PageTable::address(*entry).value;
        table = reinterpret_cast<Table>(next - image < image_limit ? image_base + (next - image) : alias_base + next);
    }
}

bool Machine::owns(base::PhysAddr address, uint64_t bytes) {
    if (bytes == 0 || address.value + bytes < address.value || address.value + bytes > uint64_t{1} << 46) return false;
    auto aliased = [&](uint64_t physical) { return PageTable::present(*kernel_entry(alias_base + physical, 1)); };
    // Holes are withdrawn in units of 2 MiB: large ranges are looked at in such strides, and at both ends.
    uint64_t stride = bytes > 1024 * 1024 ? large_page : 4096;
    for (uint64_t at = base::round_down(address.value, 4096); at < address.value + bytes; at += stride) {
        if (!aliased(at)) return false;
    }
    return aliased(address.value + bytes - 1);
}

void Machine::withdraw(base::PhysAddr address, uint64_t bytes) {
    SKERRY_ASSERT(address.aligned(large_page) && bytes % large_page == 0);
    for (uint64_t at = address.value; at < address.value + bytes; at += large_page) {
        *kernel_entry(alias_base + at, 2) = 0;  // an empty one above stays empty
    }
    // The alias is global: flush everything, once, however much was withdrawn.
    uint64_t cr4 = read_cr4();
    write_cr4(cr4 & ~uint64_t{1 << 7});
    write_cr4(cr4);
}

// The table is there already: poke words and the local APIC lie in the same 2 MiB.
void Machine::open_window(uint64_t page, base::PhysAddr registers) {
    *kernel_entry(page, 1) = base::round_down(registers.value, base::page_size) | PageTable::present_bit |
                             PageTable::global_bit | PageTable::write_bit | PageTable::no_execute |
                             PageTable::cache_disable | PageTable::write_through;
    invalidate_page(page);
}

}  // namespace skerry::platform
