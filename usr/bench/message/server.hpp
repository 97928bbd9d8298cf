// The other side of the URPC measurements: a program of the same ELF, which the monitor starts with the arguments
// `serve` and the name of the service.
#pragma once

#include "usr/runtime/program.hpp"

namespace skerry::bench {

// Registers the service, answers one client, returns when that has gone. Errors: those of the registration; timed_out
// (no client came).
base::Status serve(runtime::Program& self, std::string_view service);

}  // namespace skerry::bench
