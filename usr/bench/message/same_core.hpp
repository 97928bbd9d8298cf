// Two domains on one core: this program, and a partner that it makes itself with runtime::spawn, so that
// nothing of the system but memory is needed. Both take their times from the one cycle counter of the core.
#pragma once

#include "usr/bench/message/protocol.hpp"
#include "usr/bench/message/samples.hpp"
#include "usr/runtime/program.hpp"
#include "usr/runtime/spawn.hpp"

namespace skerry::bench {

using base::Error;
using base::Result;
using base::Status;

class SameCore {
  public:
    explicit SameCore(runtime::Program& self) : self_(self) {}
    ~SameCore();
    SameCore(const SameCore&) = delete;
    SameCore& operator=(const SameCore&) = delete;

    // Makes the partner. Errors: those of runtime::spawn.
    Status start();

    // From before the sender's SYSCALL to where the partner takes the time. Vector registers of both sides
    // are in use. Errors: those of a send; timed_out (no answer); corrupt (vector registers were lost, or
    // leaked).
    Status one_way(Command where, Samples& samples);
    // send() and the reply taken from the inbox: two messages, two switches and the runtime of both sides.
    Status round_trip(Samples& samples);

  private:
    struct Answer {
        uint64_t arrived = 0, sent = 0, leaked = 0;
    };
    runtime::RamSource& source();
    Result<Answer> answer(uint64_t value);
    Result<Answer> exchange(uint64_t value);

    runtime::Program& self_;
    runtime::SpawnedDomain partner_;
};

// A system call that does nothing, with the call around it.
void system_calls(Samples& samples);

}  // namespace skerry::bench
