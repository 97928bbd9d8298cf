// What init tells the monitor of the core that booted about the machine: a read-only frame (machine_info_bytes
// large) in well_known::service. Everything that a monitor knows of cores and nodes comes from here; later the
// knowledge base fills it.
//
// What init must give that monitor besides, before it starts it (its domain counter is 1):
//   kernel, kernel_control, archive, start_frame   as well_known names them
//   memory_endpoint    sends to the memory service, badge memory::monitor_badge (= its counter); its account was
//                      opened by init with the monitor's self_endpoint (badge memory::service_badge)
//   memory_service     sends to the memory service, without a badge: the monitor mints from it for programs
//   monitor_endpoint   sends to init: what is said is in service_start.hpp
#pragma once

#include <cstddef>
#include <cstdint>

#include "platforms/base/ids.hpp"

namespace skerry::urpc {

constexpr uint64_t machine_info_magic = 0x736b'6572'7279'0003;
constexpr uint32_t machine_cores_maximum = 256;
constexpr uint32_t machine_nodes_maximum = 64;

struct MachineCore {  // by dense index; 0 is the core that booted
    uint64_t hardware_id;
    uint32_t node;
    uint32_t package;
};

struct MachineInfo {
    uint64_t magic;
    uint32_t core_count;          // 1..256; those that the command line left out (cores=N) are not counted
    uint32_t node_count;          // 1..64
    uint32_t self;                // index of the core that this monitor runs on
    uint32_t start_count;         // of them, the first: those that are started at boot; the others when somebody asks
    uint64_t poke_area;           // as in BootInfo
    uint64_t clock_multiplier;    // ns per tick of the cycle counter, 32.32 fixed point
    uint64_t timer_multiplier;    // ticks of the timer per ns, 32.32 fixed point
    uint64_t archive_base;        // physical
    uint64_t archive_size;        // bytes
    uint64_t firmware_root_size;  // bytes of firmware_root; 0 = none
    std::byte firmware_root[40];  // a copy of ACPI's RSDP
    char command_line[256];       // zero-terminated
    MachineCore core[machine_cores_maximum];
    uint8_t distance[machine_nodes_maximum][machine_nodes_maximum];  // [from][to] in SLIT's unit: local = 10
};
constexpr uint64_t machine_info_bytes = base::round_up(sizeof(MachineInfo), base::page_size);
static_assert(machine_info_bytes <= 4 * base::page_size);

}  // namespace skerry::urpc
