// System Locality Information Table, ACPI 6.5 section 5.2.17: a square matrix of bytes, indexed by domain.
#include "platforms/firmware/affinity.hpp"

namespace skerry::firmware {
namespace {

constexpr uint64_t matrix_at = 44;

// Local access is 10 by definition and nothing else may be as near; 255 is "cannot be reached".
bool plausible(const Topology& topology, Bytes matrix, uint64_t localities) {
    for (uint32_t from : topology.domains) {
        for (uint32_t to : topology.domains) {
            if (from >= localities || to >= localities) return false;
            uint8_t distance = matrix.get<uint8_t>(from * localities + to);
            if (from == to ? distance != Topology::distance_local : distance <= Topology::distance_local) return false;
        }
    }
    return true;
}

}  // namespace

AcpiFault read_slit(Bytes table, Topology& topology) {
    if (!table.holds(0, matrix_at)) return AcpiFault::malformed;
    uint64_t localities = table.get<uint64_t>(36);
    if (localities > UINT16_MAX || !table.holds(matrix_at, localities * localities)) return AcpiFault::malformed;
    Bytes matrix = table.part(matrix_at, localities * localities);
    if (!plausible(topology, matrix, localities)) return AcpiFault::malformed;
    for (uint32_t from = 0; from < topology.node_count(); ++from) {
        for (uint32_t to = 0; to < topology.node_count(); ++to) {
            uint64_t at = topology.domains[from] * localities + topology.domains[to];
            topology.distances[from][to] = matrix.get<uint8_t>(at);
        }
    }
    topology.distances_known = true;
    return AcpiFault::none;
}

}  // namespace skerry::firmware
