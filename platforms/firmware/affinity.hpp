// The tables that say what the machine looks like. Each reader takes a whole table whose checksum was good
// and adds to the topology what it understands; entries of unknown kinds are skipped, as ACPI demands. On
// `malformed` and `no_room` what came before stays.
#pragma once

#include "platforms/firmware/acpi.hpp"
#include "platforms/firmware/topology.hpp"

namespace skerry::firmware {

// MADT: processors, I/O APICs, overrides, the local APIC's address. Disabled processors are left out; one
// that is listed twice (as APIC and x2APIC) counts once.
AcpiFault read_madt(Bytes table, Topology& topology);

// SRAT: gives processors (already there, from the MADT) and memory to nodes. A domain with neither an enabled
// processor nor memory becomes no node. Nodes are numbered in ascending order of their domains.
AcpiFault read_srat(Bytes table, Topology& topology);

// SLIT: the distances between the nodes that the SRAT made. All or nothing.
AcpiFault read_slit(Bytes table, Topology& topology);

// HMAT: what an access from a node to a node costs. All or nothing; caches and writes are skipped.
AcpiFault read_hmat(Bytes table, Topology& topology);

// MCFG: where the configuration space of PCI's first segment is memory, from bus 0 on. malformed: it says what cannot be.
AcpiFault read_mcfg(Bytes table, Topology& topology);

// Calls visit(type, entry) for the variable-length entries from `start` on; `entry` begins at its type byte.
// Stops when visit returns a fault. malformed: an entry that is shorter than its head or leaves the table.
template <typename Visit>
AcpiFault each_entry(Bytes table, uint64_t start, Visit visit) {
    uint64_t at = start;
    while (at < table.size()) {
        if (!table.holds(at, 2)) return AcpiFault::malformed;
        uint64_t length = table.get<uint8_t>(at + 1);
        if (length < 2 || !table.holds(at, length)) return AcpiFault::malformed;
        AcpiFault fault = visit(table.get<uint8_t>(at), table.part(at, length));
        if (fault != AcpiFault::none) return fault;
        at += length;
    }
    return at == table.size() ? AcpiFault::none : AcpiFault::malformed;
}

}  // namespace skerry::firmware
