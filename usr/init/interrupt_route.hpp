// The one interrupt that init routes: the console's. Everything else stays masked.
#pragma once

#include "platforms/firmware/topology.hpp"
#include "usr/init/device_memory.hpp"

namespace skerry::init {

// ISA interrupt `source` arrives at the core `target` as `vector` from now on. Source: Intel 82093AA data sheet.
base::Status route_interrupt(DeviceMemory& memory, const firmware::Topology& machine, uint8_t source,
                             base::HardwareId target, uint32_t vector);

}  // namespace skerry::init
