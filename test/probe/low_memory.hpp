// Pages that user mode may use, mapped as the CPU driver maps them for a program: what supervisor mode must
// keep from.
#pragma once

#include <cstdint>

#include "capabilities/interface/boot_record.hpp"
#include "platform/machine.hpp"

namespace skerry::probe {

struct LowMemory {
    uint64_t code = 0x40'0000;        // read and execute
    uint64_t data = 0x40'1000;        // read and write
    std::byte* code_alias = nullptr;  // the kernel's views of the same pages
    std::byte* data_alias = nullptr;
};

// Builds an address space of pages from the end of the record's largest range, and switches to it.
LowMemory map_low_memory(platform::Machine& machine, capabilities::BootRecord& record);
// SMEP and SMAP.
void try_low_memory(const LowMemory& memory);

}  // namespace skerry::probe
