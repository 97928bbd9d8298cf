// The attackers, one a target. Each says at its end what it did, and how often its channel was closed for it.
#pragma once

#include <string_view>

#include "usr/runtime/program.hpp"

namespace skerry::usr::hostile::rings {

// `rings play TARGET SEED STEPS`, TARGET rings or console: binds to that service, writes what it likes until the channel
// is closed, and binds again. -> exit status, as of all of these
int play(runtime::Program& self, std::string_view target, uint64_t seed, uint64_t steps);
// `rings bite SEED STEPS`: the same on the rings to its own monitor, whose end is its own.
int bite(runtime::Program& self, uint64_t seed, uint64_t steps);
// `rings breed SEED STEPS`: starts one that bites after the other.
int breed(runtime::Program& self, uint64_t seed, uint64_t steps);

}  // namespace skerry::usr::hostile::rings
