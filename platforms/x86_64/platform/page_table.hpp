// The page-table format of x86-64, four levels. Facts only: tested on any host.
#pragma once

#include <cstdint>

#include "capabilities/interface/system_call.hpp"
#include "platforms/base/ids.hpp"
#include "platforms/contract/machine.hpp"

namespace skerry::platform {

//  63 62     52 51           12 11  9 8 7  6 5 4   3   2 1 0
// | XD | unused | address >> 12 | avl |G|PS|D|A|PCD|PWT|U|W|P|
struct PageTable {
    static constexpr uint16_t elf_machine = 62;
    static constexpr uint32_t first_device_vector = 0x30, device_vectors = 0xb0;  // what Interrupt names

    static constexpr uint32_t levels = 4;  // 4 = PML4 ... 1 = page table
    static constexpr uint32_t entries = 512;
    static constexpr uint32_t user_root_entries = 255;
    static constexpr uint32_t largest_leaf_level = 2;  // 2 MiB pages

    static constexpr uint64_t present_bit = 1, write_bit = 2, user_bit = 4, write_through = 8, cache_disable = 16,
                              large_bit = 128, global_bit = 256, no_execute = uint64_t{1} << 63;
    static constexpr uint64_t address_mask = 0x000f'ffff'ffff'f000;

    static constexpr uint64_t bytes_per_entry(uint32_t level) { return uint64_t{1} << (12 + 9 * (level - 1)); }
    static constexpr uint32_t index(base::VirtAddr address, uint32_t level) {
        return static_cast<uint32_t>(address.value >> (12 + 9 * (level - 1))) & 511;
    }

    // The page attribute table, as every core loads it: entry 0 write-back, 1 (PWT) write-combining, 2 and 3 (PCD)
    // uncached. Source: Intel SDM volume 3, 11.12.
    static constexpr uint64_t attribute_table = 0x0007'0406'0007'0106;

    // An entry that maps user memory.
    static constexpr uint64_t leaf(base::PhysAddr address, uint64_t flags, uint32_t level) {
        namespace mf = capabilities::map_flags;
        uint64_t entry = address.value | present_bit | user_bit;
        if (flags & mf::write) entry |= write_bit;
        if (!(flags & mf::execute)) entry |= no_execute;
        uint64_t attribute = flags & (uint64_t{3} << mf::attribute_shift);
        if (attribute == mf::write_combining) entry |= write_through;
        if (attribute == mf::uncached || attribute == mf::device) entry |= cache_disable | write_through;
        if (level > 1) entry |= large_bit;
        return entry;
    }
    static constexpr uint64_t table(base::PhysAddr address) {
        return address.value | present_bit | user_bit | write_bit;
    }
    // The same entry with other access rights, attributes kept.
    static constexpr uint64_t with_rights(uint64_t entry, uint64_t flags) {
        namespace mf = capabilities::map_flags;
        entry &= ~(write_bit | no_execute);
        if (flags & mf::write) entry |= write_bit;
        if (!(flags & mf::execute)) entry |= no_execute;
        return entry;
    }
    static constexpr bool present(uint64_t entry) { return (entry & present_bit) != 0; }
    // Whether a present entry maps memory, not a table.
    static constexpr bool maps_memory(uint64_t entry, uint32_t level) { return level == 1 || (entry & large_bit) != 0; }
    static constexpr base::PhysAddr address(uint64_t entry) { return base::PhysAddr{entry & address_mask}; }
};
static_assert(contract::PageTable<PageTable>);

}  // namespace skerry::platform
