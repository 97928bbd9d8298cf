// One core's scheduler: rate-based earliest deadline (Brandt, Banachowski, Lin and Bisson 2003). Mechanism
// only: who gets which rate is decided above.
//
// A driver entry first calls charge() for whose slice ran, then block, make_ready, ..., last pick() and arms
// its timer for timer_deadline(). All times are ns; `now` is this core's clock, and one that steps back is
// taken as standing still. No call allocates; each takes O(log n) steps for n tasks. The scheduler is its
// core's alone (law 1): no call is safe against another at the same time.
#pragma once

#include "cpudriver/schedule/best_effort.hpp"
#include "cpudriver/schedule/rate.hpp"
#include "cpudriver/schedule/reservations.hpp"
#include "cpudriver/schedule/schedulable.hpp"
#include "platforms/base/result.hpp"

namespace skerry::cpudriver {

class Scheduler {
  public:
    Scheduler() = default;
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    // Makes the task best effort with this weight, 1 to largest_weight, whatever it was before. A new task is
    // blocked. invalid_argument: the weight; nothing has changed.
    base::Status add_best_effort(Schedulable& task, uint64_t weight, uint64_t now);
    // Promises budget ns in every period ns: from now on, or, if the task has a reservation whose period has
    // begun, from its next period on. A new task is blocked. Nothing has changed after an error:
    //   invalid_argument  not shortest_budget <= budget <= period <= longest_period
    //   refused           all hard rates would exceed hard_limit. The rate of a reservation that was given up
    //                     counts until its last period is over (and up to 268 ms more)
    base::Status reserve_hard(Schedulable& task, uint64_t budget, uint64_t period, uint64_t now);
    // The scheduler forgets the task; its accounting stays. No effect on an absent one.
    void remove(Schedulable& task, uint64_t now);

    // The task has something to do. No effect unless it is blocked.
    void make_ready(Schedulable& task, uint64_t now);
    // The task waits for an event. No effect unless it is ready or throttled.
    void block(Schedulable& task, uint64_t now);
    // The task's slice has just run for elapsed ns, perhaps zero. Of one that is not ready only the time is
    // noted.
    void charge(Schedulable& task, uint64_t elapsed_ns, uint64_t now);
    // The task gives up what is left of its slice or, if hard, of its budget in this period. No effect unless
    // ready.
    void yield(Schedulable& task, uint64_t now);

    // Who should run now; null: nobody may. The same answer until one of the calls above or timer_deadline().
    Schedulable* pick(uint64_t now);
    // When the driver must charge and pick again if nothing else happens, at least `now`. `never`: no timer
    // is needed, because nobody could take the core from the picked one.
    uint64_t timer_deadline(uint64_t now) const;

    uint32_t hard_rate() const { return hard_rate_; }  // sum of all reservations, of rate_one

  private:
    // All best-effort tasks together are one more task in the order of deadlines, a server with a budget and
    // a period of its own. It is never throttled; it postpones its deadline instead. So no change among them
    // can harm a reservation, and they are not shut out for the length of a long hard period.
    static constexpr uint64_t server_period = 10'000'000;
    static constexpr uint64_t server_budget = server_period / 100 * best_effort_percent;
    static_assert(rate_one - hard_limit >= rate_one / 100 * best_effort_percent);

    uint64_t tick(uint64_t now);
    void leave_service(Schedulable& task, uint64_t now);
    void renew_server(uint64_t now);
    void charge_server(uint64_t elapsed_ns);
    bool best_effort_first() const;
    uint32_t rate_in_use(uint64_t now) { return hard_rate_ + returned_.total(now); }

    Reservations hard_;
    BestEffort best_effort_;
    ReturnedRates returned_;
    uint32_t hard_rate_ = 0;
    uint64_t server_left_ = server_budget;  // ns until server_deadline_
    uint64_t server_deadline_ = 0;          // clock ns
    uint64_t latest_ = 0;                   // the latest `now`
};

}  // namespace skerry::cpudriver
