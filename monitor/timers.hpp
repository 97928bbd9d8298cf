// Waiting with a limit: a coroutine continues when a Signal is set or when its deadline has passed, whichever comes
// first. Signals are broad (something in the tables changed); whoever waits looks again at what it wants.
//
//   auto wait = timers.wait(signal, deadline);      // or timers.sleep(deadline)
//   bool signalled = co_await wait;                 // false: the deadline has passed
#pragma once

#include <cstdint>

#include "urpc/wait.hpp"

namespace skerry::monitor {

class Timers;
class Signal;

// Lives in the frame of the coroutine that awaits it.
class [[nodiscard]] TimedWait : urpc::Waiter {
  public:
    TimedWait(Timers& timers, Signal* signal, uint64_t deadline)
        : timers_(timers), signal_(signal), deadline_(deadline) {}
    TimedWait(const TimedWait&) = delete;
    TimedWait& operator=(const TimedWait&) = delete;
    ~TimedWait() { SKERRY_ASSERT(!time_link_.linked() && !signal_link_.linked()); }

    bool await_ready() const { return false; }
    inline void await_suspend(std::coroutine_handle<> coroutine);
    bool await_resume() const { return signalled_; }

  private:
    friend class Timers;
    friend class Signal;
    Timers& timers_;
    Signal* signal_;     // null: only time passes
    uint64_t deadline_;  // ns of this core's clock; 0 = none
    bool signalled_ = false;
    base::ListLink time_link_, signal_link_;
};

class Signal {
  public:
    Signal() = default;
    ~Signal() { SKERRY_ASSERT(waits_.empty()); }
    Signal(const Signal&) = delete;
    Signal& operator=(const Signal&) = delete;
    inline void set();  // wakes all who wait now

  private:
    friend class TimedWait;
    friend class Timers;
    base::List<TimedWait, &TimedWait::signal_link_> waits_;
};

class Timers {
  public:
    explicit Timers(urpc::ReadyQueue& ready) : ready_(ready) {}
    ~Timers() { SKERRY_ASSERT(waits_.empty()); }
    Timers(const Timers&) = delete;
    Timers& operator=(const Timers&) = delete;

    TimedWait wait(Signal& signal, uint64_t deadline) { return TimedWait(*this, &signal, deadline); }
    TimedWait sleep(uint64_t deadline) { return TimedWait(*this, nullptr, deadline); }

    // The earliest deadline; 0 = none. Linear in the number of coroutines that wait.
    uint64_t next() const {
        uint64_t least = 0;
        auto& waits = const_cast<Waits&>(waits_);
        for (TimedWait* wait = waits.front(); wait; wait = waits.next(*wait)) {
            if (least == 0 || wait->deadline_ < least) least = wait->deadline_;
        }
        return least;
    }
    // Makes those ready whose deadline has come; returns how many.
    size_t expire(uint64_t now) {
        size_t count = 0;
        for (TimedWait* wait = waits_.front(); wait;) {
            TimedWait* following = waits_.next(*wait);
            if (wait->deadline_ <= now) wake(*wait, false), ++count;
            wait = following;
        }
        return count;
    }

  private:
    friend class TimedWait;
    friend class Signal;
    using Waits = base::List<TimedWait, &TimedWait::time_link_>;
    void wake(TimedWait& wait, bool signalled) {
        if (wait.time_link_.linked()) waits_.remove(wait);
        if (wait.signal_link_.linked()) wait.signal_->waits_.remove(wait);
        wait.signalled_ = signalled;
        ready_.push(wait);
    }

    urpc::ReadyQueue& ready_;
    Waits waits_;
};

void TimedWait::await_suspend(std::coroutine_handle<> coroutine) {
    SKERRY_ASSERT(deadline_ != 0 || signal_ != nullptr);  // else nobody would ever wake it
    handle = coroutine;
    if (deadline_ != 0) timers_.waits_.push_back(*this);
    if (signal_ != nullptr) signal_->waits_.push_back(*this);
}

void Signal::set() {
    while (TimedWait* wait = waits_.front()) wait->timers_.wake(*wait, true);
}

}  // namespace skerry::monitor
