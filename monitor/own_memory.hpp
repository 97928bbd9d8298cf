// On a core that a monitor started, the monitor is the first program and owns all RAM of the core. It starts the
// core's memory service and gives the RAM to it, as init does where the machine booted.
#pragma once

#include "platforms/image/archive.hpp"
#include "usr/runtime/program.hpp"
#include "usr/runtime/spawn.hpp"

namespace skerry::monitor {

// Afterwards self.memory is that service. The domain it runs in is returned; it is never taken apart.
// Errors: not_found, corrupt (the archive has no sound `memory`), no_memory, and the driver's.
base::Result<runtime::SpawnedDomain> start_own_memory(runtime::Program& self, const image::Archive& archive,
                                                      base::CoreId core);

}  // namespace skerry::monitor
