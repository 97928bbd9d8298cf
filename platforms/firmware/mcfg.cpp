// Memory-mapped configuration space: PCI Firmware Specification 3.3, 4.1.2. Entries of 16 bytes say where the buses of one
// segment are reached: bus b at base + (b << 20), each function in a page of its own.
#include "platforms/firmware/affinity.hpp"

namespace skerry::firmware {

AcpiFault read_mcfg(Bytes table, Topology& topology) {
    constexpr uint64_t entries_at = 44, entry_size = 16;
    if (!table.holds(0, entries_at) || (table.size() - entries_at) % entry_size != 0) return AcpiFault::malformed;
    for (uint64_t at = entries_at; at < table.size(); at += entry_size) {
        auto base = table.get<uint64_t>(at);
        auto segment = table.get<uint16_t>(at + 8);
        uint32_t first = table.get<uint8_t>(at + 10), last = table.get<uint8_t>(at + 11);
        if (segment != 0 || first != 0) continue;  // what the ports reach, from its beginning, is what we use
        uint64_t bytes = (uint64_t{last} + 1) * Topology::configuration_of_a_bus;
        bool plausible = base != 0 && base % Topology::configuration_of_a_bus == 0 && base + bytes > base;
        if (!plausible || last < first) return AcpiFault::malformed;
        topology.configuration = base::PhysAddr{base};
        topology.configuration_buses = last + 1;
        return AcpiFault::none;
    }
    return AcpiFault::none;
}

}  // namespace skerry::firmware
