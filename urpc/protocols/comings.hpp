// Part of monitor.hpp: cores that come and go while the system runs. Any monitor may be asked; the directory does it.
#pragma once

#include "platforms/base/ids.hpp"
#include "urpc/fields.hpp"

namespace skerry::urpc::monitor {

// Gives a core up for good: it is fenced, so it runs nothing any more; what ran there has ended, and its memory is never used
// again. Answered when the other cores' monitors have been told. Errors: refused (not for this program), out_of_range (no such
// core), invalid_argument (the core that keeps names and states of all), not_found (not online), busy (it is being fenced).
struct CoreFailed {};
struct FailCore {
    using Response = CoreFailed;
    base::CoreId core;
};
// Starts a core that is offline. Answered when it is online, with the nodes of its image and of its memory. Errors: refused (not
// for this program), out_of_range (no such core), exists (it is online), busy (it is being started), closed (it has failed, and is
// not started again), and why it could not be started: timed_out (it does not answer), no_memory, ...
struct CoreStarted {
    base::NodeId image, memory;
    bool by_rules;     // both; else by default
    String<96> about;  // why by default; or empty
};
struct StartCore {
    using Response = CoreStarted;
    base::CoreId core;
};

}  // namespace skerry::urpc::monitor
