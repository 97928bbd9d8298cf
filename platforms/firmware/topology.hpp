// What the firmware says about the machine, with the firmware's own numbering made dense. It is some 50 KiB:
// keep it in static or donated memory, not on a stack.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "platforms/base/bounded.hpp"
#include "platforms/base/ids.hpp"
#include "platforms/firmware/acpi.hpp"
#include "platforms/firmware/power.hpp"

namespace skerry::firmware {

struct Processor {
    base::HardwareId id;        // APIC id
    uint32_t firmware_uid = 0;  // what other ACPI tables call it
    base::NodeId node;          // 0 where the firmware does not say
    base::PackageId package;
};

struct NodeMemory {
    base::PhysAddr base;
    uint64_t size = 0;  // bytes, > 0; base + size does not wrap
    base::NodeId node;
    bool hot_pluggable = false;  // may be empty now: only what the boot loader's map also has is RAM
    bool persistent = false;
};

struct IoApic {
    uint8_t id = 0;
    base::PhysAddr address;
    uint32_t first_interrupt = 0;  // global system interrupt of its first pin
};

struct InterruptOverride {   // an ISA interrupt that is wired otherwise than 1:1, active high, edge
    uint8_t source = 0;      // ISA interrupt, 0..15
    uint32_t interrupt = 0;  // global system interrupt
    bool active_low = false;
    bool level_triggered = false;
};

struct Topology {
    static constexpr uint32_t processors_maximum = 256;
    static constexpr uint32_t nodes_maximum = 64;
    static constexpr uint8_t distance_local = 10;   // SLIT's unit: local access = 10
    static constexpr uint8_t distance_remote = 20;  // where the firmware does not say

    base::Bounded<Processor, processors_maximum> processors;  // enabled ones, in the MADT's order
    base::Bounded<uint32_t, nodes_maximum> domains;           // index = node, value = ACPI proximity domain; ascending
    base::Bounded<NodeMemory, 128> memory;                    // empty: all memory is node 0's
    uint8_t distances[nodes_maximum][nodes_maximum] = {};     // [from][to]; valid below node_count()
    uint32_t latency_ns[nodes_maximum][nodes_maximum] = {};   // of a read by [from]'s cores; 0 = not known
    uint32_t bandwidth_mib[nodes_maximum][nodes_maximum] = {};   // MiB a second; 0 = not known
    static constexpr uint64_t configuration_of_a_bus = 1 << 20;  // bytes; 4 KiB a function
    base::PhysAddr configuration{0};  // of PCI's functions, as memory, bus 0 first; 0 = reached by ports only
    uint32_t configuration_buses = 0;
    base::Bounded<IoApic, 32> io_apics;
    base::Bounded<InterruptOverride, 16> overrides;
    base::PhysAddr local_apic;     // memory of each core's own interrupt controller
    bool has_legacy_pics = false;  // two 8259s, to be masked
    bool distances_known = false;  // false: no usable SLIT, all remote distances are distance_remote
    uint32_t package_count = 0;
    std::optional<PowerControl> power;  // no FADT: empty
    AcpiProblems problems;              // tables that were ignored and why; one line each with describe()

    uint32_t node_count() const { return domains.size(); }  // at least 1 after discover()

    // The node that this byte belongs to; 0 where the firmware does not say.
    base::NodeId node_of(base::PhysAddr where) const {
        for (const NodeMemory& range : memory) {
            if (where >= range.base && where - range.base < range.size) return range.node;
        }
        return base::NodeId{0};
    }
    // Null if there is no such processor.
    Processor* find(base::HardwareId id) {
        for (Processor& processor : processors) {
            if (processor.id == id) return &processor;
        }
        return nullptr;
    }
    // The dense number of a proximity domain; node_count() if it has none.
    base::NodeId node_of_domain(uint32_t domain) const {
        uint32_t node = 0;
        while (node < domains.size() && domains[node] != domain) ++node;
        return base::NodeId{node};
    }
    void clear() {
        processors.clear(), domains.clear(), memory.clear(), io_apics.clear(), overrides.clear(), problems.clear();
        local_apic = base::PhysAddr{0};
        has_legacy_pics = distances_known = false;
        package_count = configuration_buses = 0;
        configuration = base::PhysAddr{0};
        power.reset();
        clear_prices();
    }
    void clear_prices() {
        for (auto& row : latency_ns) std::fill(std::begin(row), std::end(row), 0);
        for (auto& row : bandwidth_mib) std::fill(std::begin(row), std::end(row), 0);
    }
};

}  // namespace skerry::firmware
