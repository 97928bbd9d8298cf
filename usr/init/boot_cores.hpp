// How many cores the boot loader's line has started with the machine:
//
//   online=N      the first N; the others when somebody asks (`cores start`)
#pragma once

#include <cstdint>
#include <string_view>

#include "platforms/base/result.hpp"

namespace skerry::init {

// N, or `all` without such a word. Errors: corrupt (no number), out_of_range (0, or more than `all`).
base::Result<uint32_t> cores_at_boot(std::string_view line, uint32_t all);

}  // namespace skerry::init
