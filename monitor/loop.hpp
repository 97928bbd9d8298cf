// The monitor on its dispatcher: polls rings, resumes coroutines, expires timers, takes same-core messages; blocks
// when all is quiet.
//
// An operation may wait for the memory service (a same-core message, answered at once by somebody trusted). While it
// does, rings rest, so that nothing re-enters; messages are still taken, because an inbox that fills up would keep
// the answer out. So what handles messages must only note them down: Events::message neither waits nor starts
// coroutines, Events::step does what is due, outside of such a wait, and so does Events::rest.
#pragma once

#include "monitor/timers.hpp"
#include "urpc/poll.hpp"
#include "usr/runtime/dispatcher.hpp"

namespace skerry::monitor {

constexpr uint64_t own_token = 0;      // of the monitor's first endpoint: memory service, init
constexpr uint64_t program_token = 1;  // programs, badged with their counters
constexpr uint64_t fault_token = 2;    // the CPU driver about programs' faults, badged with their counters

class Events {
  public:
    virtual bool wants(const runtime::Message& message) = 0;
    virtual void message(runtime::Message& message) = 0;  // owns message.cap
    virtual void step() = 0;
    // Before it blocks. False: there is more to do.
    virtual bool rest() { return true; }
    // When step() has something to do at the latest, ns; 0 = only when something has come.
    virtual uint64_t due() const { return 0; }

  protected:
    ~Events() = default;
};

class Loop final : public runtime::Pollable {
  public:
    Loop(runtime::Dispatcher& dispatcher, Events& events)
        : dispatcher_(dispatcher), events_(events), timers_(set_.ready()) {
        base::Status added = dispatcher_.add(*this);
        SKERRY_ASSERT(added.ok());
    }
    ~Loop() { dispatcher_.remove(*this); }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;

    urpc::PollSet& set() { return set_; }
    Timers& timers() { return timers_; }
    uint64_t now() const { return dispatcher_.now(); }

    // Until `done()`. Never returns if that never holds.
    template <typename Done>
    void run(Done&& done) {
        while (!done()) {
            uint64_t deadline = next_due();
            auto look_again = [&] { return next_due() != deadline || done(); };
            (void)dispatcher_.wait_until(look_again, deadline).ok();
        }
    }

    bool poll() override {
        bool progress = take_messages();
        if (busy_) return progress;
        busy_ = true;
        events_.step();
        if (timers_.expire(now()) != 0) progress = true;
        if (set_.poll_all() != 0) progress = true;
        busy_ = false;
        return progress;
    }
    bool prepare_to_block() override { return busy_ || (events_.rest() && set_.prepare_to_block()); }
    void cancel_block() override {
        if (!busy_) set_.cancel_block();
    }

  private:
    uint64_t next_due() const {
        uint64_t waits = timers_.next(), events = events_.due();
        return waits == 0 || (events != 0 && events < waits) ? events : waits;
    }
    bool take_messages() {
        constexpr uint32_t batch = 32;
        runtime::Message message;
        auto wanted = [this](const runtime::Message& m) { return events_.wants(m); };
        uint32_t count = 0;
        for (; count < batch && dispatcher_.take(wanted, message); ++count) events_.message(message);
        return count != 0;
    }

    runtime::Dispatcher& dispatcher_;
    Events& events_;
    urpc::PollSet set_;
    Timers timers_;
    bool busy_ = false;
};

}  // namespace skerry::monitor
