// A typed URPC call between two domains on two cores: this program, and another of the same ELF that the
// monitor starts on another core with the argument `serve`.
#pragma once

#include "usr/bench/message/protocol.hpp"
#include "usr/bench/message/samples.hpp"
#include "usr/console/session.hpp"

namespace skerry::bench {

using base::Result;
using base::Status;

// The next core that is online. Errors: not_found (there is none).
Result<base::CoreId> other_core(usr::console::Session& session);

// Time of one call at a time, in ticks of this core's counter. Errors: those of Spawn, Bind and the calls.
Status call_across(usr::console::Session& session, base::CoreId core, Samples& samples);

// The other side: registers the service, answers one client, returns when that has gone. Errors: those of the
// registration; timed_out (no client came).
Status serve(runtime::Program& self);

}  // namespace skerry::bench
