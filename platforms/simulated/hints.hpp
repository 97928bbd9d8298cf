// For instrumented code that runs on a machine with caches: no compiler's instrumentation shows what a program hints
// (platforms/base/hint.hpp), so this is included first and shows it.
#pragma once

#include "platforms/simulated/access.hpp"

#define __builtin_prefetch(place, to_store) ::skerry::simulated::hint(place, (to_store) != 0)
