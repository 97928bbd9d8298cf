// Heterogeneous Memory Attribute Table, ACPI 6.5 section 5.2.28, revision 2: structures of type 1 say how long an access
// from a domain's processors to a domain's memory takes, and how much passes.
#include "platforms/firmware/affinity.hpp"

namespace skerry::firmware {
namespace {

constexpr uint64_t structures_at = 40, lists_at = 32;
constexpr uint16_t latency_and_bandwidth = 1;
constexpr uint32_t picoseconds = 1000;  // in a nanosecond

enum DataType : uint8_t { access_latency = 0, read_latency = 1, access_bandwidth = 3, read_bandwidth = 4 };

using Matrix = uint32_t[Topology::nodes_maximum][Topology::nodes_maximum];

// A value in the table's unit; 0 = not known, which is also what "cannot be reached" comes to.
uint32_t value_of(uint16_t entry, uint64_t unit, bool latency) {
    if (entry == 0 || entry == 0xffff || unit > UINT32_MAX) return 0;
    uint64_t value = entry * unit;
    if (latency) value = (value + picoseconds - 1) / picoseconds;
    return value > UINT32_MAX ? 0 : static_cast<uint32_t>(value);
}

// One structure. Of caches, and what is about writing, is skipped.
AcpiFault read_matrix(Bytes table, Topology& topology) {
    if (!table.holds(0, lists_at)) return AcpiFault::malformed;
    uint8_t hierarchy = table.get<uint8_t>(8) & 0xf, type = table.get<uint8_t>(9);
    uint64_t initiators = table.get<uint32_t>(12), targets = table.get<uint32_t>(16);
    uint64_t unit = table.get<uint64_t>(24);
    if (initiators > UINT16_MAX || targets > UINT16_MAX) return AcpiFault::malformed;
    uint64_t entries_at = lists_at + 4 * (initiators + targets);
    if (!table.holds(entries_at, 2 * initiators * targets)) return AcpiFault::malformed;
    bool latency = type == access_latency || type == read_latency;
    bool bandwidth = type == access_bandwidth || type == read_bandwidth;
    if (hierarchy != 0 || (!latency && !bandwidth)) return AcpiFault::none;
    Matrix& matrix = latency ? topology.latency_ns : topology.bandwidth_mib;
    for (uint64_t i = 0; i < initiators; ++i) {
        base::NodeId from = topology.node_of_domain(table.get<uint32_t>(lists_at + 4 * i));
        for (uint64_t j = 0; j < targets; ++j) {
            base::NodeId to = topology.node_of_domain(table.get<uint32_t>(lists_at + 4 * (initiators + j)));
            // A domain without processors and memory is no node.
            if (from.value >= topology.node_count() || to.value >= topology.node_count()) continue;
            auto entry = table.get<uint16_t>(entries_at + 2 * (i * targets + j));
            matrix[from.value][to.value] = value_of(entry, unit, latency);
        }
    }
    return AcpiFault::none;
}

AcpiFault read_structures(Bytes table, Topology& topology) {
    if (!table.holds(0, structures_at)) return AcpiFault::malformed;
    if (table.get<uint8_t>(8) != 2) return AcpiFault::none;  // revision 1 has other units
    for (uint64_t at = structures_at; at < table.size();) {
        if (!table.holds(at, 8)) return AcpiFault::malformed;
        uint64_t length = table.get<uint32_t>(at + 4);
        if (length < 8 || !table.holds(at, length)) return AcpiFault::malformed;
        if (table.get<uint16_t>(at) == latency_and_bandwidth) {
            AcpiFault fault = read_matrix(table.part(at, length), topology);
            if (fault != AcpiFault::none) return fault;
        }
        at += length;
    }
    return AcpiFault::none;
}

}  // namespace

AcpiFault read_hmat(Bytes table, Topology& topology) {
    AcpiFault fault = read_structures(table, topology);
    if (fault != AcpiFault::none) topology.clear_prices();
    return fault;
}

}  // namespace skerry::firmware
