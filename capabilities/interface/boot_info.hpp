// What a CPU driver tells the first program of its core (init on the core that booted, the monitor elsewhere).
// Mapped read-only at boot_info_address; the capabilities lie in the CNodes named in reference.hpp.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skerry::capabilities {

constexpr uint64_t boot_info_address = 0x7e00'0000'0000;  // user address
constexpr uint64_t boot_info_magic = 0x736b'6572'7279'0001;
constexpr uint32_t boot_regions_maximum = 120;

struct BootRegion {
    uint64_t base;
    uint64_t size;
    uint32_t slot;  // index in the CNode of its kind
    uint32_t kind;  // RegionKind
};
enum class RegionKind : uint32_t { ram, device, firmware };  // firmware: ACPI tables and the like, readable

struct BootInfo {
    uint64_t magic;
    uint32_t core;  // dense index
    uint32_t region_count;
    uint64_t hardware_id;         // of this core
    uint64_t kernel_base;         // physical base of this core's image
    uint64_t kernel_size;         // bytes of image, state and stack
    uint64_t poke_area;           // physical address of the machine's poke words; every driver maps them
    uint64_t clock_multiplier;    // ns per tick, 32.32 fixed point, as measured by the core that booted
    uint64_t timer_multiplier;    // timer ticks per ns, 32.32 fixed point
    uint64_t archive_base;        // physical; the Frame is in well_known::archive
    uint64_t archive_size;        // bytes
    uint64_t firmware_root_size;  // bytes of firmware_root; 0 = none
    std::byte firmware_root[40];  // a copy of ACPI's RSDP
    uint64_t join_frame_base;     // URPC frame to the monitor that started this core; 0 on the core that booted
    uint64_t join_frame_size;
    uint64_t join_word[4];     // words of the Notify capability that pokes the starter
    uint64_t first_free_slot;  // next free index of CNode 0 from well_known::first_free on
    uint64_t heap_start;       // user addresses from here are unused
    char command_line[256];    // of the boot loader
    BootRegion region[boot_regions_maximum];
};
static_assert(sizeof(BootInfo) <= 4096);

}  // namespace skerry::capabilities
