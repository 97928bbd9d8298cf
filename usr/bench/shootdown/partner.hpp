// A member that is not the root: this program, started on another core with the argument `serve NAME`.
#pragma once

#include <string_view>

#include "usr/bench/shootdown/protocol.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::bench::shootdown {

// Serves one client under that name until it goes. Errors: those of Port::open; timed_out (nobody came).
Status serve_partner(runtime::Program& self, std::string_view name);

}  // namespace skerry::bench::shootdown
