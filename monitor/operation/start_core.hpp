// Bringing the machine's other cores up.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Adopts the machine's page (well_known::service): this monitor is the directory from now on. Errors: corrupt, and
// those of mapping it.
base::Status adopt_machine(Monitor& monitor);

// Those that are started with the machine, several at once (share.hpp says how many); a core that fails is noted in the core
// table with its reason, and the rest goes on. Then init is told. From then on those that somebody wants: it never ends.
urpc::Task<base::Status> start_cores(urpc::FramePool& pool, Monitor& monitor);

}  // namespace skerry::monitor
