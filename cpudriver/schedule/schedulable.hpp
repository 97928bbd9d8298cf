// What the scheduler knows of a dispatcher. A kernel Dispatcher derives from it; all links are intrusive, so
// that scheduling allocates nothing, and no user memory is ever read.
#pragma once

#include <cstdint>

#include "platforms/base/tree.hpp"

namespace skerry::cpudriver {

constexpr uint64_t never = UINT64_MAX;  // a time that does not come

enum class Service : uint8_t { none, best_effort, hard };
enum class RunState : uint8_t {
    absent,     // the scheduler does not know it
    blocked,    // waits for an event
    ready,      // may run; the running one is ready, too
    throttled,  // hard only: wants to run, but has used its budget up to `deadline`
};

struct Schedulable {
    Service service = Service::none;
    RunState state = RunState::absent;

    // Best effort. Virtual time is ns of processor time divided by weight (best_effort.hpp).
    uint32_t weight = 0;
    uint64_t slice_left = 0;        // ns
    uint64_t virtual_deadline = 0;  // virtual ns

    // Hard. Budget and period are what holds from the next period on; the rest describes the current one.
    uint64_t budget = 0;        // ns in each period
    uint64_t period = 0;        // ns
    uint32_t rate = 0;          // budget / period in units of 1 / rate_one
    uint32_t current_rate = 0;  // the same of the period that has begun
    uint64_t deadline = 0;      // clock ns: the current period ends, the next may begin
    uint64_t budget_left = 0;   // ns until `deadline`

    // Accounting, never reset.
    uint64_t cpu_time = 0;         // ns charged
    uint64_t deadline_misses = 0;  // periods that ended, while it wanted to run, before it had its budget

    base::TreeLink<Schedulable> run_link;   // ready or throttled
    base::TreeLink<Schedulable> wake_link;  // WakeQueue
    uint64_t wake_at = never;               // clock ns; never: in no WakeQueue
};

// Sums of times stop at `never` instead of wrapping.
constexpr uint64_t later(uint64_t time, uint64_t by) {
    return time > never - by ? never : time + by;
}

}  // namespace skerry::cpudriver
