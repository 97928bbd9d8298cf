// System Resource Affinity Table, ACPI 6.5 section 5.2.16. Two passes: the first finds which domains there
// are, so that the second can speak of dense node numbers.
#include "platforms/firmware/affinity.hpp"

namespace skerry::firmware {
namespace {

using base::HardwareId;
using base::NodeId;
using base::PhysAddr;

constexpr uint64_t entries_at = 48;

enum EntryType : uint8_t { entry_local_apic = 0, entry_memory = 1, entry_x2apic = 2 };
enum Flags : uint32_t { flag_enabled = 1, flag_hot_pluggable = 2, flag_persistent = 4 };

struct Affinity {
    enum class Kind : uint8_t { nothing, processor, memory } kind = Kind::nothing;
    uint32_t domain = 0;
    HardwareId processor;
    NodeMemory memory;
};

// What an entry says; `nothing` for disabled and unknown ones. False: too short, or a range that wraps.
bool read_affinity(uint8_t type, Bytes entry, bool wide_domains, Affinity& affinity) {
    uint64_t needed = type == entry_local_apic ? 16 : type == entry_memory ? 40 : type == entry_x2apic ? 24 : 2;
    if (entry.size() < needed) return false;
    if (type == entry_local_apic && (entry.get<uint32_t>(4) & flag_enabled)) {
        // Revision 1 had 8 bits of domain; the other 24 were reserved and need not be zero.
        uint32_t high = wide_domains ? entry.get<uint32_t>(8) & ~0xffu : 0;
        affinity = {Affinity::Kind::processor, high | entry.get<uint8_t>(2), HardwareId{entry.get<uint8_t>(3)}, {}};
    }
    if (type == entry_x2apic && (entry.get<uint32_t>(12) & flag_enabled)) {
        affinity = {Affinity::Kind::processor, entry.get<uint32_t>(4), HardwareId{entry.get<uint32_t>(8)}, {}};
    }
    if (type == entry_memory && (entry.get<uint32_t>(28) & flag_enabled)) {
        uint32_t domain = entry.get<uint32_t>(2), flags = entry.get<uint32_t>(28);
        uint64_t start = entry.get<uint64_t>(8), size = entry.get<uint64_t>(16);
        if (size > UINT64_MAX - start) return false;
        if (size == 0) return true;
        affinity = {
            Affinity::Kind::memory,
            wide_domains ? domain : domain & 0xff,
            {},
            {PhysAddr{start}, size, NodeId{0}, (flags & flag_hot_pluggable) != 0, (flags & flag_persistent) != 0}};
    }
    return true;
}

// Keeps the domains sorted: the index in the list is the node.
AcpiFault add_domain(Topology& topology, uint32_t domain) {
    uint32_t at = 0;
    while (at < topology.domains.size() && topology.domains[at] < domain) ++at;
    if (at < topology.domains.size() && topology.domains[at] == domain) return AcpiFault::none;
    return topology.domains.insert(at, domain) ? AcpiFault::none : AcpiFault::no_room;
}

AcpiFault assign(Topology& topology, const Affinity& affinity) {
    NodeId node = topology.node_of_domain(affinity.domain);
    if (node.value == topology.node_count()) return AcpiFault::none;  // its domain found no room
    if (affinity.kind == Affinity::Kind::processor) {
        if (Processor* processor = topology.find(affinity.processor)) processor->node = node;
        return AcpiFault::none;
    }
    NodeMemory memory = affinity.memory;
    memory.node = node;
    return topology.memory.add(memory) ? AcpiFault::none : AcpiFault::no_room;
}

}  // namespace

AcpiFault read_srat(Bytes table, Topology& topology) {
    if (!table.holds(0, entries_at)) return AcpiFault::malformed;
    bool wide_domains = table.get<uint8_t>(8) >= 2;
    bool no_room = false;
    auto pass = [&](auto act) {
        return each_entry(table, entries_at, [&](uint8_t type, Bytes entry) {
            Affinity affinity;
            if (!read_affinity(type, entry, wide_domains, affinity)) return AcpiFault::malformed;
            bool unknown = affinity.kind == Affinity::Kind::processor && !topology.find(affinity.processor);
            if (affinity.kind == Affinity::Kind::nothing || unknown) return AcpiFault::none;
            no_room |= act(affinity) == AcpiFault::no_room;
            return AcpiFault::none;
        });
    };
    static_cast<void>(pass([&](const Affinity& affinity) { return add_domain(topology, affinity.domain); }));
    AcpiFault fault = pass([&](const Affinity& affinity) { return assign(topology, affinity); });
    return fault == AcpiFault::none && no_room ? AcpiFault::no_room : fault;
}

}  // namespace skerry::firmware
