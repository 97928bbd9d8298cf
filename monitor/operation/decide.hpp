// What the directory asks the knowledge base: everything anew when that has changed, kept until it changes again; and
// the core for a program when one is wanted.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Begins to ask, unless that is under way or there is nobody to ask.
void decide(Monitor& monitor);
// Who runs has changed: everything is asked for once more.
void decide_anew(Monitor& monitor);
// Until what is being decided is, or a moment has passed.
urpc::Task<base::Status> await_decisions(urpc::FramePool& pool, Monitor& monitor);

// The core for one more program, which was asked for on `from`: by the rules, else `from` itself.
urpc::Task<base::Result<urpc::intermonitor::Chosen>> choose_core(urpc::FramePool& pool, Monitor& monitor,
                                                                 base::CoreId from);
urpc::Task<base::Result<urpc::monitor::Spawned>> spawn_anywhere(urpc::FramePool& pool, Monitor& monitor,
                                                                urpc::intermonitor::Spawn request);

// Where the memory of a ring lies that a program here shares with one on another core.
uint64_t ring_node(const Monitor& monitor, base::CoreId receiver);

}  // namespace skerry::monitor
