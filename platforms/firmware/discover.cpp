#include "platforms/firmware/discover.hpp"

#include "platforms/firmware/affinity.hpp"

namespace skerry::firmware {
namespace {

using base::Error;
using base::NodeId;
using base::PackageId;
using base::PhysAddr;
using base::Result;
using base::Status;

Status find_processors(PhysicalReader& reader, const AcpiTables& tables, Topology& topology) {
    auto madt = tables.load(reader, "APIC", topology.problems);
    if (!madt.ok()) {
        if (madt.error() == Error::not_found) topology.problems.note("APIC", AcpiFault::missing);
        return madt.error();
    }
    topology.problems.note("APIC", read_madt(*madt, topology));
    return topology.processors.empty() ? Status(topology.problems.note("APIC", AcpiFault::malformed)) : Status();
}

void find_nodes(PhysicalReader& reader, const AcpiTables& tables, Topology& topology) {
    auto srat = tables.load(reader, "SRAT", topology.problems);
    if (srat.ok()) topology.problems.note("SRAT", read_srat(*srat, topology));
    if (topology.domains.empty()) static_cast<void>(topology.domains.add(0));  // a flat machine is one node
    for (uint32_t from = 0; from < topology.node_count(); ++from) {
        for (uint32_t to = 0; to < topology.node_count(); ++to) {
            topology.distances[from][to] = from == to ? Topology::distance_local : Topology::distance_remote;
        }
    }
    auto slit = tables.load(reader, "SLIT", topology.problems);
    if (slit.ok()) topology.problems.note("SLIT", read_slit(*slit, topology));
    auto hmat = tables.load(reader, "HMAT", topology.problems);
    if (hmat.ok()) topology.problems.note("HMAT", read_hmat(*hmat, topology));
}

// Packages in ascending order of their APIC ids.
void number_packages(Topology& topology, uint32_t shift) {
    base::Bounded<uint64_t, Topology::processors_maximum> keys;
    auto key_of = [shift](const Processor& processor) { return shift < 32 ? processor.id.value >> shift : 0; };
    auto place_of = [&keys](uint64_t key) {
        uint32_t at = 0;
        while (at < keys.size() && keys[at] < key) ++at;
        return at;
    };
    for (const Processor& processor : topology.processors) {
        uint64_t key = key_of(processor);
        uint32_t at = place_of(key);
        if (at < keys.size() && keys[at] == key) continue;
        bool inserted = keys.insert(at, key);
        SKERRY_ASSERT(inserted);  // never more packages than processors
    }
    for (Processor& processor : topology.processors) processor.package = PackageId{place_of(key_of(processor))};
    topology.package_count = keys.size();
}

void find_power(PhysicalReader& reader, const AcpiTables& tables, Topology& topology) {
    auto fadt = tables.load(reader, "FACP", topology.problems);
    if (!fadt.ok()) return;
    PowerControl power;
    AcpiFault fault = read_fadt(*fadt, power);
    topology.problems.note("FACP", fault);
    if (fault != AcpiFault::none) return;
    if (power.dsdt.value != 0) {
        auto dsdt = load_table(reader, power.dsdt, "DSDT", fault);
        topology.problems.note("DSDT", fault);
        if (dsdt.ok()) {
            auto sleep = find_s5(*dsdt);
            if (sleep.ok()) power.off = *sleep;
        }
    }
    topology.power = power;
}

void find_configuration(PhysicalReader& reader, const AcpiTables& tables, Topology& topology) {
    auto mcfg = tables.load(reader, "MCFG", topology.problems);
    if (mcfg.ok()) topology.problems.note("MCFG", read_mcfg(*mcfg, topology));
}

Status discover_from(PhysicalReader& reader, const Result<Rsdp>& rsdp, AcpiFault fault, const DiscoverOptions& options,
                     Topology& topology) {
    topology.problems.note("RSDP", fault);
    if (!rsdp.ok()) return rsdp.error();
    auto tables = AcpiTables::open(reader, rsdp.value(), topology.problems);
    if (!tables.ok()) return tables.error();
    SKERRY_CHECK(find_processors(reader, *tables, topology));
    find_nodes(reader, *tables, topology);
    number_packages(topology, options.package_shift);
    find_power(reader, *tables, topology);
    find_configuration(reader, *tables, topology);
    return {};
}

}  // namespace

Status discover(PhysicalReader& reader, PhysAddr where, const DiscoverOptions& options, Topology& topology) {
    topology.clear();
    AcpiFault fault;
    auto rsdp = read_rsdp(reader, where, &fault);
    return discover_from(reader, rsdp, fault, options, topology);
}

Status discover(PhysicalReader& reader, std::span<const std::byte> bytes, const DiscoverOptions& options,
                Topology& topology) {
    topology.clear();
    AcpiFault fault;
    auto rsdp = parse_rsdp(bytes, &fault);
    return discover_from(reader, rsdp, fault, options, topology);
}

}  // namespace skerry::firmware
