// The end of a domain, whatever caused it.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// The domain is in state ending and claimed by the caller. Afterwards nothing of it is left but an entry in the log.
urpc::Task<base::Status> end_domain(urpc::FramePool& pool, Monitor& monitor, base::DomainId domain);

}  // namespace skerry::monitor
