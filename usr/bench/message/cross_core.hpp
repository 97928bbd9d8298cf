// URPC between two domains, this program and another of the same ELF that the monitor starts (server.hpp), on two
// cores or on one: bare lines and typed calls, one at a time and several in flight, and with a peer that sleeps.
#pragma once

#include <optional>

#include "usr/bench/message/raw_ring.hpp"
#include "usr/bench/message/samples.hpp"
#include "usr/console/session.hpp"

namespace skerry::bench {

// The next core that is online. Errors: not_found (there is none).
Result<base::CoreId> other_core(usr::console::Session& session);

class UrpcPair {
  public:
    explicit UrpcPair(usr::console::Session& session) : session_(session) {}
    ~UrpcPair();
    UrpcPair(const UrpcPair&) = delete;
    UrpcPair& operator=(const UrpcPair&) = delete;

    // Starts the server on `core` and binds to it. Errors: those of Spawn and Bind.
    Status start(base::CoreId core);
    // Ends it. Nothing can be measured afterwards.
    Status finish();

    // All in ticks of this core's counter. Errors: those of the channel; corrupt (a wrong answer).

    // A line there and one back, `in_flight` of them at a time: ticks a line and its answer. With one in flight each
    // sample is one round trip, else the mean of a batch.
    Status raw(uint32_t in_flight, Samples& samples);
    // The same with typed calls, each made in a coroutine.
    Status calls(uint32_t in_flight, Samples& samples);
    // A call made by straight-line code, which waits for its answer.
    Status blocking_call(Samples& samples);
    // A typed call to a server that is blocked, its core halted if it is another. This side polls.
    Status call_sleeper(Samples& samples);

  private:
    class Workers;
    Status poll_for_its_price();
    Status poll_for(uint64_t own_ns, uint64_t server_ns);

    usr::console::Session& session_;
    Waiting waiting_ = Waiting::pause;
    uint64_t price_ = 0;  // of a call to a server on another core that sleeps, ns
    std::optional<usr::console::NotifyPoker> poker_;
    std::optional<urpc::Caller<PingProtocol>> peer_;
    std::optional<RawSide> raw_;
};

}  // namespace skerry::bench
