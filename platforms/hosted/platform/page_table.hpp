// The page-table format of machines that are programs: what a walk in software needs, in four levels. Facts only.
#pragma once

#include <cstdint>

#include "capabilities/interface/system_call.hpp"
#include "platforms/base/ids.hpp"
#include "platforms/contract/machine.hpp"

namespace skerry::platform {

//  63          12 11      6 5  4   3   2  1 0
// | address >> 12 | unused | attr | T | X |W|P|      T: another table, else memory
struct PageTable {
    static constexpr uint16_t elf_machine = 0x5359;  // nobody's: these programs run nowhere else
    static constexpr uint32_t first_device_vector = 0x30, device_vectors = 0xb0;

    static constexpr uint32_t levels = 4;
    static constexpr uint32_t entries = 512;
    static constexpr uint32_t user_root_entries = 255;
    static constexpr uint32_t largest_leaf_level = 2;

    static constexpr uint64_t present_bit = 1, write_bit = 2, execute_bit = 4, table_bit = 8;
    static constexpr uint64_t attribute_position = 4;
    static constexpr uint64_t address_mask = 0x000f'ffff'ffff'f000;

    static constexpr uint64_t bytes_per_entry(uint32_t level) { return uint64_t{1} << (12 + 9 * (level - 1)); }
    static constexpr uint32_t index(base::VirtAddr address, uint32_t level) {
        return static_cast<uint32_t>(address.value >> (12 + 9 * (level - 1))) & 511;
    }
    static constexpr uint64_t rights_bits(uint64_t flags) {
        namespace mf = capabilities::map_flags;
        return (flags & mf::write ? write_bit : 0) | (flags & mf::execute ? execute_bit : 0);
    }
    static constexpr uint64_t leaf(base::PhysAddr address, uint64_t flags, uint32_t) {
        uint64_t attribute = flags >> capabilities::map_flags::attribute_shift & 3;
        return address.value | present_bit | rights_bits(flags) | attribute << attribute_position;
    }
    static constexpr uint64_t table(base::PhysAddr address) { return address.value | present_bit | table_bit; }
    static constexpr uint64_t with_rights(uint64_t entry, uint64_t flags) {
        return (entry & ~(write_bit | execute_bit)) | rights_bits(flags);
    }
    static constexpr bool present(uint64_t entry) { return (entry & present_bit) != 0; }
    static constexpr bool maps_memory(uint64_t entry, uint32_t) { return (entry & table_bit) == 0; }
    static constexpr bool leads_on(uint64_t entry) { return (entry & table_bit) != 0; }
    static constexpr base::PhysAddr address(uint64_t entry) { return base::PhysAddr{entry & address_mask}; }
};
static_assert(contract::PageTable<PageTable>);

}  // namespace skerry::platform
