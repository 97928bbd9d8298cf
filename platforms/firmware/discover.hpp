// The front door: from the RSDP to a description of the machine.
#pragma once

#include "platforms/firmware/acpi.hpp"
#include "platforms/firmware/topology.hpp"

namespace skerry::firmware {

struct DiscoverOptions {
    uint32_t package_shift = 32;  // package = APIC id >> this, made dense. From CPUID; 32 and more = one package
};

// Fills `topology`, which is cleared first. A table that is broken or missing costs only what it would have
// told, and is noted in topology.problems; only without processors is there an error: not_found (no MADT),
// corrupt or refused (RSDP, both directories, or MADT unusable). After an error only `problems` means
// anything.
base::Status discover(PhysicalReader& reader, base::PhysAddr rsdp, const DiscoverOptions& options, Topology& topology);
// The same with a copy of the RSDP at hand (multiboot2).
base::Status discover(PhysicalReader& reader, std::span<const std::byte> rsdp, const DiscoverOptions& options,
                      Topology& topology);

}  // namespace skerry::firmware
