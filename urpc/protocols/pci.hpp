// What programs ask of the service `pci`: which devices there are, and, for the programs that drive one, its registers and
// where its interrupts go.
//
//   driver                              pci
//     | --Claim(vendor, id)------------> |    the device is this program's until its channel ends
//     | --TakeRange(function, 0)-------> |    a DeviceRegion of exactly that base address register comes along
//     | --TakeMask(function)-----------> |    which register masks the device's messages; the driver tells its CPU driver
//     | --RouteMessages(fn, core, vec)-> |    asks the monitor of that core whether the vector is this program's, and
//     | <---------------MessagesRouted-- |    masked by that register, then writes address and data into the device
//
// When the channel ends, the device is silenced, and all copies of its ranges are taken back, before anybody else gets it.
#pragma once

#include "capabilities/interface/reference.hpp"
#include "urpc/protocol.hpp"

namespace skerry::urpc::pci {

constexpr std::string_view service_name = "pci";
// Where init puts the addresses that devices may have been given: below 4 GiB, above; and configuration space as memory,
// from bus 0 on, if the firmware says where it is.
constexpr capabilities::CapRef low_window{0, 22}, high_window{0, 23}, configuration_window{0, 24};

enum class RangeKind : uint32_t { none, memory, ports, count_ };
struct Range {
    RangeKind kind;
    uint64_t base, bytes;
};
struct Listed {
    uint32_t function;    // bus << 8 | device << 3 | function
    uint32_t vendor, id;  // 16 bits each
    uint32_t class_code;  // base class, subclass, interface: 24 bits
    uint32_t line;        // the interrupt line's number as the firmware gave it; 255 = none
    bool bridge;
    bool message, messages;  // MSI, MSI-X
    base::DomainId driver;   // 0 = nobody drives it
    std::array<Range, 6> range;
    uint32_t omitted;  // functions of the machine for which there was no room
    uint32_t refused;  // bridges and ranges that make no sense
};
struct List {  // Errors: out_of_range (no more)
    using Response = Listed;
    uint32_t index;
};
// Answered once the knowledge base was told of all devices; without one, 20 s after the start.
// Errors: not_found (no such device), refused (this program is no driver of it), busy (all are driven), full.
struct Claimed {
    uint32_t function;
};
struct Claim {
    using Response = Claimed;
    uint32_t vendor, id;
};
// Errors: refused (not claimed), out_of_range (no such range), unsupported (ports), misaligned (shares its page with
// another device), not_found (outside of what devices are given), those of retype and of the channel.
struct RangeGiven {
    Capability region;  // read, write, transfer: not to be retyped or revoked by the driver
    uint64_t bytes;
};
struct TakeRange {
    using Response = RangeGiven;
    uint32_t function, bar;
};
// What Interrupt.mask_by takes: the page of the device's configuration (`control` alone: it cannot be mapped), the offset of a
// register in it, its bits with interrupt_mode. Errors: refused (not claimed), unsupported (no MSI, or configuration space is
// reached by ports only: a storm of messages then costs an entry each), those of retype and of the channel.
struct MaskGiven {
    Capability page;
    uint64_t offset, bits;
};
struct TakeMask {
    using Response = MaskGiven;
    uint32_t function;
};
// Also makes the device a master of the bus: without that it cannot send. Errors: refused (not claimed, or the vector is not
// this program's, or its messages could be masked and are not), unsupported (no MSI), and those of FindInterrupt.
struct MessagesRouted {};
struct RouteMessages {
    using Response = MessagesRouted;
    uint32_t function;
    base::CoreId core;
    uint32_t vector;
};
// No message and no access to memory any more. Errors: refused (not claimed).
struct Silenced {};
struct Silence {
    using Response = Silenced;
    uint32_t function;
};

using Protocol = urpc::Protocol<List, Listed, Claim, Claimed, TakeRange, RangeGiven, TakeMask, MaskGiven, RouteMessages,
                                MessagesRouted, Silence, Silenced>;
static_assert(Protocol::max_lines <= 16);  // fits a ring of 4 KiB with both directions

}  // namespace skerry::urpc::pci
