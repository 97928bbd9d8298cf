// What init finds out about the machine, for itself and for the first monitor.
#pragma once

#include "platforms/firmware/topology.hpp"
#include "urpc/protocols/machine_info.hpp"
#include "usr/init/device_memory.hpp"

namespace skerry::init {

// Reads the firmware's tables; every table that had to be ignored costs one line of report. Without processors in
// them the machine is one core.
void discover_machine(runtime::Program& self, DeviceMemory& memory, firmware::Topology& machine);

// Fills what the monitor of this core needs to start the others.
void describe_machine(const capabilities::BootInfo& boot, const firmware::Topology& machine, urpc::MachineInfo& info);

}  // namespace skerry::init
