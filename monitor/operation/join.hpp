// A core that was started becomes part of the machine: it greets the monitor that started it, sets its clock by it,
// sees whether its timer works, and is online.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Errors: what the starter answered, or closed.
urpc::Task<base::Status> join(urpc::FramePool& pool, Monitor& monitor, Peer& starter);

}  // namespace skerry::monitor
