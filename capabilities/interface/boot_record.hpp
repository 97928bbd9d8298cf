// What a CPU driver needs to know to start. On the core that boots, the platform fills it from the boot loader's
// information; on every other core, the monitor that starts it writes it at the start of the image's copy, before
// the first instruction runs; from then on it belongs to that core alone (law 1).
#pragma once

#include <cstddef>
#include <cstdint>

#include "capabilities/capability.hpp"

namespace skerry::capabilities {

constexpr uint64_t boot_record_magic = 0x736b'6572'7279'b007;
constexpr uint32_t boot_ranges_maximum = 60;

struct BootRange {
    uint64_t base;
    uint64_t size;  // bytes
};

struct BootRecord {
    uint64_t magic;
    uint64_t entry;  // link address of the first instruction on a core that a monitor starts: in the ELF file
                     // already (the record is the image's first bytes); the starter keeps it
    uint32_t core;   // dense index
    uint32_t ram_count;
    uint64_t hardware_id;
    uint64_t image_base;  // physical; the image, its state and stack take image_size bytes from here
    uint64_t image_size;
    uint64_t clock_multiplier;  // ns per tick of the cycle counter, 32.32 fixed point; 0 = measure it
    uint64_t timer_multiplier;  // ticks of the timer per ns, 32.32 fixed point; 0 = measure it
    uint64_t clock_start;       // ns: what this core's clock begins with; 0 = with its own cycle counter
    uint64_t poke_area;         // physical; 512 bits a core (cpudriver/core.hpp), 16 KiB in all
    uint64_t program_base;      // ELF file of the first program: in the archive, or at the end of this core's RAM
    uint64_t program_size;
    uint64_t archive_base;
    uint64_t archive_size;
    uint64_t firmware_root_size;  // bytes of firmware_root; 0 = none
    std::byte firmware_root[40];  // a copy of the RSDP: the loader's may be overwritten
    uint64_t join_frame_base;
    uint64_t join_frame_size;
    Capability join_notify;  // pokes the monitor that started this core
    uint32_t first_domain_counter;
    uint32_t device_count;
    char command_line[256];
    BootRange ram[boot_ranges_maximum];     // owned by this core from now on; page aligned
    BootRange device[boot_ranges_maximum];  // not RAM: PhysAddr capabilities for the first program (boot core only)
};
static_assert(sizeof(BootRecord) <= 4096);

}  // namespace skerry::capabilities
