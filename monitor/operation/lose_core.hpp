// A core that was online is given up: fenced first, so that it can touch nothing any more; then every monitor settles what it
// had with it, as if its monitor and all its programs had ended at once.
//
//   directory   INIT, 10 ms --> failed, with the reason --> lose_core   --CoreLost-->  every other monitor: lose_core
//
// Its memory is quarantined: nobody gives it out again. What others hold of it stays theirs to use, and the directory becomes its
// owner (inherit.hpp).
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

constexpr std::string_view fenced_on_demand = "fenced on demand";

// How the programs of such a core ended.
urpc::monitor::Ended end_of_lost();

// At the directory; elsewhere it is asked to. Errors: as of urpc::monitor::FailCore, and the driver's.
urpc::Task<base::Result<urpc::monitor::CoreFailed>> fail_core(urpc::FramePool& pool, Monitor& monitor, CoreId core,
                                                              std::string_view reason);
// At the directory: that core's monitor was silent. It is asked once more, and fenced if it is still silent after a long time.
void ask_again(Monitor& monitor, CoreId core);
// Before the monitor blocks at `now`, ns: if a call to another monitor waits, a watch of 10 s begins, unless one goes on. True: it has
// begun. (watch_peers.cpp)
bool begin_watch(Monitor& monitor, uint64_t now);
// If it is over at `now`: who has said nothing meanwhile, and is still waited for, is told to the directory.
void end_watch(Monitor& monitor, uint64_t now);

// The core is fenced. Calls to it end with Error::closed, its programs have ended, programs over several cores of which it had
// a part end, its names are free, and it holds nothing of ours.
void lose_core(Monitor& monitor, CoreId core);
// Channels whose other end lay on a core that is lost: begins to close them, one after the other.
void close_lost_channels(Monitor& monitor);
// Links to such cores go, with their rings, as soon as nobody waits there any more.
void drop_lost_links(Monitor& monitor);
// What it held of our memory (lost_holder.cpp).
void lose_shared(Monitor& monitor, CoreId core);

}  // namespace skerry::monitor
