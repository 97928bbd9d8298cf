// ACPI tables that describe a machine of a program's making, so that its init finds out about it as about any other:
// MADT (processors), SRAT (nodes of processors and memory), SLIT (distances). ACPI specification 6.4, chapter 5.2.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "platforms/hosted/world.hpp"

namespace skerry::hosted {

struct FirmwareTables {
    std::vector<std::byte> bytes;  // to lie at the address that was given
    std::vector<std::byte> root;   // RSDP
};
struct NodeRange {
    uint32_t node;
    uint64_t base, bytes;
};
// `controller`: of interrupts, physical. `address`: of the tables.
FirmwareTables make_tables(const MachineShape& shape, const std::vector<NodeRange>& memory, uint64_t controller,
                           uint64_t address);

}  // namespace skerry::hosted
