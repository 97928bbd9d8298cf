// On another core: holds memory, and makes things of it, as it is told.
#pragma once

#include <string_view>

#include "usr/runtime/program.hpp"

namespace skerry::bench::capability {

// Serves under that name until it is told to end, or nobody comes.
base::Status serve_partner(runtime::Program& self, std::string_view name);

}  // namespace skerry::bench::capability
