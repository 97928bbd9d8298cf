// Multiple APIC Description Table, ACPI 6.5 section 5.2.12.
#include "platforms/firmware/affinity.hpp"

namespace skerry::firmware {
namespace {

using base::HardwareId;
using base::PhysAddr;

constexpr uint64_t entries_at = 44;

enum EntryType : uint8_t {
    entry_local_apic = 0,
    entry_io_apic = 1,
    entry_override = 2,
    entry_local_apic_address = 5,
    entry_x2apic = 9,
};
constexpr uint32_t flag_enabled = 1;

AcpiFault add_processor(Topology& topology, uint32_t apic_id, uint32_t uid, uint32_t flags) {
    if (!(flags & flag_enabled) || topology.find(HardwareId{apic_id})) return AcpiFault::none;
    bool added = topology.processors.add({.id = HardwareId{apic_id}, .firmware_uid = uid, .node = {}, .package = {}});
    return added ? AcpiFault::none : AcpiFault::no_room;
}

AcpiFault add_io_apic(Topology& topology, Bytes entry) {
    bool added = topology.io_apics.add({.id = entry.get<uint8_t>(2),
                                        .address = PhysAddr{entry.get<uint32_t>(4)},
                                        .first_interrupt = entry.get<uint32_t>(8)});
    return added ? AcpiFault::none : AcpiFault::no_room;
}

AcpiFault add_override(Topology& topology, Bytes entry) {
    // Two bits each; 3 is active low and level. 0 means as the bus does, and ISA is active high and edge.
    uint16_t flags = entry.get<uint16_t>(8);
    bool added = topology.overrides.add({.source = entry.get<uint8_t>(3),
                                         .interrupt = entry.get<uint32_t>(4),
                                         .active_low = (flags & 3) == 3,
                                         .level_triggered = (flags >> 2 & 3) == 3});
    return added ? AcpiFault::none : AcpiFault::no_room;
}

uint64_t size_of(uint8_t type) {
    switch (type) {
        case entry_local_apic:
            return 8;
        case entry_io_apic:
            return 12;
        case entry_override:
            return 10;
        case entry_local_apic_address:
            return 12;
        case entry_x2apic:
            return 16;
        default:
            return 2;
    }
}

AcpiFault add_entry(Topology& topology, uint8_t type, Bytes entry) {
    if (entry.size() < size_of(type)) return AcpiFault::malformed;
    switch (type) {
        case entry_local_apic:
            if (entry.get<uint8_t>(3) == 0xff) return AcpiFault::none;  // the broadcast id: nobody
            return add_processor(topology, entry.get<uint8_t>(3), entry.get<uint8_t>(2), entry.get<uint32_t>(4));
        case entry_x2apic:
            if (entry.get<uint32_t>(4) == UINT32_MAX) return AcpiFault::none;
            return add_processor(topology, entry.get<uint32_t>(4), entry.get<uint32_t>(12), entry.get<uint32_t>(8));
        case entry_io_apic:
            return add_io_apic(topology, entry);
        case entry_override:
            return add_override(topology, entry);
        case entry_local_apic_address:
            topology.local_apic = PhysAddr{entry.get<uint64_t>(4)};
            break;
        default:
            break;
    }
    return AcpiFault::none;
}

}  // namespace

AcpiFault read_madt(Bytes table, Topology& topology) {
    if (!table.holds(0, entries_at)) return AcpiFault::malformed;
    topology.local_apic = PhysAddr{table.get<uint32_t>(36)};
    topology.has_legacy_pics = (table.get<uint32_t>(40) & 1) != 0;
    bool no_room = false;
    AcpiFault fault = each_entry(table, entries_at, [&](uint8_t type, Bytes entry) {
        AcpiFault found = add_entry(topology, type, entry);
        if (found != AcpiFault::no_room) return found;
        no_room = true;  // one list is full; the others still take what follows
        return AcpiFault::none;
    });
    return fault == AcpiFault::none && no_room ? AcpiFault::no_room : fault;
}

}  // namespace skerry::firmware
