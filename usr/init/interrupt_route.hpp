// Which line of which I/O APIC an ISA interrupt is, and to whom it goes: to this core's driver, which masks it.
#pragma once

#include "platforms/firmware/topology.hpp"
#include "usr/init/device_memory.hpp"

namespace skerry::init {

// ISA interrupt `source` arrives as number `index` of our Interrupt capability from now on, masked until somebody
// connects. As the firmware says, or by level if that is asked for. Errors: not_found (no controller has it), the
// driver's.
base::Status route_interrupt(DeviceMemory& memory, const firmware::Topology& machine, uint8_t source, bool by_level,
                             uint32_t index);

}  // namespace skerry::init
