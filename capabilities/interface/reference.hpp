// How a program names a capability: a reference into its own two-level capability space.
#pragma once

#include <cstdint>

namespace skerry::capabilities {

//   bit 63   : 1 = the slot of the root CNode itself (it holds a second-level CNode)
//   bits 31..8: index in the root CNode
//   bits  7..0: index in the second-level CNode (ignored when bit 63 is set)
struct CapRef {
    uint64_t word = 0;
    constexpr CapRef() = default;
    constexpr explicit CapRef(uint64_t w) : word(w) {}
    constexpr CapRef(uint32_t root_index, uint32_t index) : word(uint64_t{root_index} << 8 | (index & 255)) {}
    static constexpr CapRef root_slot(uint32_t root_index) {
        return CapRef{uint64_t{1} << 63 | uint64_t{root_index} << 8};
    }
    constexpr bool at_root() const { return (word >> 63) != 0; }
    constexpr uint32_t root_index() const { return static_cast<uint32_t>(word >> 8) & 0xffffff; }
    constexpr uint32_t index() const { return word & 255; }
    constexpr bool null() const { return word == 0; }  // slot 0 of CNode 0 is never filled
    constexpr bool operator==(const CapRef&) const = default;
};
constexpr uint32_t second_level_slots = 256;  // a second-level CNode: 256 slots, 16 KiB
constexpr uint64_t second_level_size = second_level_slots * 64;

// What a spawner puts where in a new domain's capability space. CNode 0 of the root:
namespace well_known {
constexpr CapRef root_cnode{0, 1};
constexpr CapRef dispatcher{0, 2};
constexpr CapRef dispatcher_frame{0, 3};
constexpr CapRef vspace_root{0, 4};
constexpr CapRef self_endpoint{0, 5};     // receives; bound to the dispatcher with token 0
constexpr CapRef memory_endpoint{0, 6};   // sends to this core's memory service, badged with the domain's counter
constexpr CapRef monitor_endpoint{0, 7};  // sends to this core's monitor, badged with the domain's counter
constexpr CapRef self_notify{0, 8};       // pokes this dispatcher; copies go to peers
constexpr CapRef kernel{0, 9};            // monitors only
constexpr CapRef kernel_control{0, 10};   // the monitor that starts cores
constexpr CapRef ports{0, 11};            // init: all I/O ports; drivers: theirs
constexpr CapRef interrupt{0, 12};        // init: all device vectors; drivers: theirs
constexpr CapRef service{0, 13};          // one more, agreed between spawner and program
constexpr CapRef performance_counter{0, 14};
constexpr CapRef monitor_ring{0, 15};    // the frame of the URPC rings to this core's monitor
constexpr CapRef archive{0, 16};         // the boot archive (first program of a core)
constexpr CapRef start_frame{0, 17};     // the monitor that starts cores: 8 pages below 1 MiB (x86 only)
constexpr CapRef memory_service{0, 18};  // monitors only: sends to the memory service, unbadged, to mint others' from
constexpr CapRef span_arena{0, 19};      // a member of a program on several cores: its shared memory
constexpr CapRef span_leader{0, 20};     // and what pokes the dispatcher with which that program began
constexpr CapRef span_flush{0, 21};      // and the Flush capability of its own space
constexpr CapRef first_free{0, 32};
// Root slots of a core's first program (see boot_info.hpp)
constexpr uint32_t ram_cnode = 1;     // RAM regions
constexpr uint32_t device_cnode = 2;  // PhysAddr regions and firmware tables
constexpr uint32_t first_free_cnode = 8;
constexpr uint32_t root_slots = 64;  // slots of every root CNode
}  // namespace well_known

}  // namespace skerry::capabilities
