#pragma once

#include "usr/init/device_memory.hpp"
#include "usr/init/services.hpp"

namespace skerry::init {

// Asks the monitor for the service `pci`, with what only it may touch: the ports of configuration space, and the addresses
// that the firmware may have given to devices. Without such a program in the archive nothing happens, as usual where there
// are no such ports.
base::Status start_pci(runtime::Program& self, Services& services, const firmware::Topology& machine, uint64_t tag);

}  // namespace skerry::init
