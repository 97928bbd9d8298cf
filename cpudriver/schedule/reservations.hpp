// Hard reservations: earliest deadline first among those with budget left; the others wait, throttled, for
// their next period. So a task never takes more than its budget in a period, whatever it does.
//
//     begin            deadline = begin + period: the next begin, if the task is throttled
//       |..###...####.....|###...
//              budget used: throttled from here on
//
// Wake-up rule (constant bandwidth): inside its period a task goes on with the budget that it has, unless it
// was served less than its rate so far; then, and after its period, a new period begins at once.
#pragma once

#include "cpudriver/schedule/rate.hpp"
#include "cpudriver/schedule/schedulable.hpp"

namespace skerry::cpudriver {

class Reservations {
  public:
    // At most this many periods are begun by one call of advance(), so that a driver entry stays bounded.
    static constexpr uint32_t releases_a_call = 4;

    // The task wants to run; its state becomes ready or throttled. O(log n).
    void enter(Schedulable& task, uint64_t now);
    // The task, ready or throttled, does not want to run any more; counts a miss if its deadline passed.
    void leave(Schedulable& task, uint64_t now);
    // The task, which is ready, was served.
    void charge(Schedulable& task, uint64_t elapsed_ns, uint64_t now);
    // Gives up the rest of the budget of this period.
    void yield(Schedulable& task, uint64_t now);
    // Begins the periods that are due by `now`, a bounded number; next_release() <= now: call it again.
    void advance(uint64_t now);

    Schedulable* first() const { return ready_.first(); }  // the earliest deadline with budget left; null: none
    uint64_t next_release() const;                         // clock ns, or `never`

  private:
    static bool earlier(const Schedulable& a, const Schedulable& b) {
        // Released at one time: the shorter period gets the earlier deadline, so it goes first.
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.period < b.period;
    }
    static void begin_period(Schedulable& task, uint64_t at);
    static uint64_t begin_after(const Schedulable& task, uint64_t now);
    void throttle(Schedulable& task, uint64_t served);  // when it had its budget, or gave it up

    using Queue =
        base::Tree<Schedulable, base::LinkTraits<Schedulable, &Schedulable::run_link, &Reservations::earlier>>;
    Queue ready_;
    Queue throttled_;
};

}  // namespace skerry::cpudriver
