// The program that drives the device, on the core that was chosen, for as long as it stays the chosen one.
#pragma once

#include "usr/console/session.hpp"

namespace skerry::usr::edu {

// Fetches orders until it is told to leave, or the service is gone. Returns the exit status.
int drive(console::Session& session);

}  // namespace skerry::usr::edu
