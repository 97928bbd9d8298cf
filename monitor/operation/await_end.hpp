// Waiting for the end of a domain, on any core.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Errors: not_found (never was, or its end is forgotten), closed (the asker itself ends).
urpc::Task<base::Result<urpc::monitor::Ended>> await_end(urpc::FramePool& pool, Monitor& monitor, base::DomainId asker,
                                                         base::DomainId domain);

}  // namespace skerry::monitor
