// What a seed does to a run: who goes on at each visible step, and what goes wrong. All of it is drawn here, so that a
// seed says everything.
#pragma once

#include <string>
#include <vector>

#include "platforms/simulated/random.hpp"

namespace skerry::simulated {

struct ChaosPlan {
    uint64_t switch_one_in = 0;     // at a visible step another core goes on; 0: by priorities instead
    std::vector<uint64_t> changes;  // by priorities: visible steps at which the running core falls behind all others
    uint32_t slow_core = ~0u;       // gets a sixteenth of the turns
    uint64_t delay_one_in = 0, delay_most = 0;  // pokes that come late, by so many accesses at most
    uint64_t spurious_one_in = 0;               // visible steps at which some core is poked for nothing
    uint64_t preempt_one_in = 0;                // visible steps at which a program is interrupted although nothing came
    uint64_t prompt_one_in =
        0;                      // the same where an interrupt is pending; 0: it waits until the program calls or pauses
    uint64_t stale_one_in = 0;  // weak mode: loads that see an older value, where their orders allow it
    uint32_t stops = ~0u;       // this core stops for ever ...
    uint64_t stops_at = 0;      // ... at this visible step
    // Whole boots: one core after the other does not run for a while, ns at most, as a virtual processor whose host is busy.
    uint64_t hold_most = 0;
};

// `cores`: hardware ids 0 to cores - 1; core 0 never stops: the console is there. `loses`: one of the others does stop.
ChaosPlan make_plan(Random& random, uint32_t cores, bool loses);
std::string describe(const ChaosPlan& plan);

}  // namespace skerry::simulated
