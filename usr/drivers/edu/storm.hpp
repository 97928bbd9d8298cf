// edu storm CORE MS [deaf]: the device interrupts this core without end, because a partner on CORE tells it to, while this
// program does nothing but acknowledge, or, deaf, not even that. What else runs here must not suffer. While it lasts
// there is the record `storm`.
#pragma once

#include "usr/console/session.hpp"

namespace skerry::usr::edu {

int storm(console::Session& session, base::CoreId partner, uint64_t ms, bool deaf);
// The partner: raises interrupts for as long as it is told to. Returns the exit status.
int raise(runtime::Program& self);

}  // namespace skerry::usr::edu
