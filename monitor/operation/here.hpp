// What one core can say about itself at once: requests that need no other core. `answer_here` answers what was asked
// here or by another monitor for a program there; errors as in urpc/protocols/monitor.hpp.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

base::Result<urpc::monitor::Spawned> answer_here(Monitor& monitor, const urpc::intermonitor::Spawn& request);
base::Result<urpc::monitor::Killed> answer_here(Monitor& monitor, const urpc::intermonitor::Kill& request);
base::Result<urpc::intermonitor::Watched> answer_here(Monitor& monitor, const urpc::intermonitor::Watch& request);

base::Result<urpc::monitor::DomainInfo> answer_here(Monitor& monitor, const urpc::monitor::NextDomain& request);
base::Result<urpc::monitor::CapabilityInfo> answer_here(Monitor& monitor, const urpc::monitor::NextCapability& request);
base::Result<urpc::monitor::MemoryInfo> answer_here(Monitor& monitor, const urpc::monitor::MemoryStatistics& request);
base::Result<urpc::monitor::CapabilityCount> answer_here(Monitor& monitor,
                                                         const urpc::monitor::CountCapabilities& request);
base::Result<urpc::monitor::Held> answer_here(Monitor& monitor, const urpc::monitor::CountHeld& request);
base::Result<urpc::monitor::Sharing> answer_here(Monitor& monitor, const urpc::monitor::CountSharing& request);
base::Result<urpc::monitor::InterruptHolder> answer_here(Monitor& monitor, const urpc::monitor::FindInterrupt& request);
base::Result<urpc::monitor::Caches> answer_here(Monitor& monitor, const urpc::monitor::ListCaches& request);
base::Result<urpc::monitor::TraceEvents> answer_here(Monitor& monitor, const urpc::monitor::ReadTrace& request);

// The part of a CoreInfo that this core itself knows: state, times, image.
urpc::monitor::CoreInfo vitals(Monitor& monitor);

}  // namespace skerry::monitor
