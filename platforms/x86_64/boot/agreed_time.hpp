// Runs of an emulator that counts instructions are the same from an agreed time on: only the loader, which waits for a
// disk, takes now more, now less.
#pragma once

#include <string_view>

#include "platform/machine.hpp"

namespace skerry::platform {

// Halts until this core's cycle counter says what `start=CYCLES` in the loader's line says; without that word, not at
// all; if it is past, the run would be one of its own, and ends by a panic. Exact where timer and counter tick alike, as an emulator's do; on hardware at about that time.
// Called with interrupts off, after the timer was started and before the first entry into the driver.
void wait_for_agreed_time(Machine& machine, std::string_view loader_line);

}  // namespace skerry::platform
