// Questions about the whole machine, which the directory answers.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// Errors: out_of_range (no such core in this machine).
urpc::Task<base::Result<urpc::monitor::CoreInfo>> core_status(urpc::FramePool& pool, Monitor& monitor,
                                                              base::CoreId core);

// Errors: out_of_range (no such node).
urpc::Task<base::Result<urpc::monitor::Distances>> node_distances(urpc::FramePool& pool, Monitor& monitor,
                                                                  urpc::monitor::NodeDistances request);

// What this core says about itself, as an operation.
urpc::Task<base::Result<urpc::monitor::CoreInfo>> own_status(urpc::FramePool& pool, Monitor& monitor);

// The asker's right to it has been checked. Only returns if it fails. Errors: unsupported.
urpc::Task<base::Result<urpc::monitor::PowerFailed>> power(urpc::FramePool& pool, Monitor& monitor,
                                                           urpc::monitor::Power request);

}  // namespace skerry::monitor
