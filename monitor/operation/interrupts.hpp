// Vectors of this core for interrupts that devices send as messages: each program asks its own monitor.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Errors as in urpc/protocols/monitor.hpp.
base::Result<urpc::monitor::InterruptTaken> take_interrupt(Monitor& monitor, base::DomainId domain,
                                                           const urpc::monitor::TakeInterrupt& request);
// The program has ended, and its capabilities with it.
void forget_interrupts(Monitor& monitor, base::DomainId domain);

}  // namespace skerry::monitor
