// A core that was not started when the machine was, or could not be then.
//
//   whoever asks --StartCore--> directory: start_on_demand --StartOrder--> start_cores: place, memory, INIT, STARTUP, joined
//                                          <----- over, where it lies -----
//                               rules are told that it runs, groups and trees have it the next time
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Errors: as StartCore has them.
urpc::Task<base::Result<urpc::monitor::CoreStarted>> start_on_demand(urpc::FramePool& pool, Monitor& monitor,
                                                                     base::CoreId core);

// What the rules say about where that core shall lie. At once where there is nobody to ask; else within their patience.
urpc::Task<base::Status> ask_place(urpc::FramePool& pool, Monitor& monitor, base::CoreId core, CoreWish& wish);

}  // namespace skerry::monitor
