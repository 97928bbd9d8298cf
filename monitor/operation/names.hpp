// Names of services. They live at the directory; every other monitor asks it.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Errors: exists, full, invalid_argument; those of reaching the directory.
urpc::Task<base::Result<urpc::monitor::ServiceRegistered>> register_service(urpc::FramePool& pool, Monitor& monitor,
                                                                            base::DomainId service,
                                                                            urpc::monitor::RegisterService request);
urpc::Task<base::Status> unregister_service(urpc::FramePool& pool, Monitor& monitor, base::DomainId service);

// Waits for the name until `deadline` (ns), as long as `client` lives. Errors: timed_out, closed (client).
urpc::Task<base::Result<urpc::intermonitor::Found>> find_service(urpc::FramePool& pool, Monitor& monitor,
                                                                 base::DomainId client, Name name, uint64_t deadline);

}  // namespace skerry::monitor
