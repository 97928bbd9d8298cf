// Round trips between two threads or two processes of Linux, each bound to a core.
#pragma once

#include "usr/bench/linux/mechanism.hpp"
#include "usr/bench/message/samples.hpp"

namespace skerry::bench_linux {

enum class Sides { threads, processes };

// Ticks of the cycle counter from before the client's send to after its receive. The client runs on core 0, the
// server on `server_core`; `wanted` samples. The words sent come back plus one; ends the program if they do not.
void round_trips(std::string_view mechanism, Sides sides, int server_core, uint32_t wanted, bench::Samples& samples);

// A line written by each side in turn, polled by the other: what the two cores' distance alone costs.
void bare_line(uint32_t wanted, bench::Samples& samples);

// The thread that calls this runs on `core` from now on. False: there is no such core.
bool run_on(int core);

}  // namespace skerry::bench_linux
