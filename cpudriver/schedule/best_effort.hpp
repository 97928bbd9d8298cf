// Best effort: each task has a constant-bandwidth server (Abeni and Buttazzo 1998) whose clock is virtual
// time.
//
//   Virtual time goes on by one ns while a task of weight w is served w ns. So in virtual time a task of
//   weight w has the rate w whoever else is ready: no sum of weights has to be corrected when one comes or
//   goes.
//
//        position             deadline
//           |<-- slice_left / w -->|
//   --+-----+----------------------+-------> virtual
//     begin
//     |<-------- slice / w ------->|
//
//   A task is to be served a slice before its deadline. When the slice is used up, the deadline moves on by
//   slice / w: a spinner falls behind the others by itself. V, the virtual time now, is the latest begin of a
//   slice that had the earliest deadline; so V <= every ready deadline <= V + 2 slice / w, and in any
//   interval two ready tasks differ from their shares by at most two slices each. Wake-up rule: who slept
//   past its position begins at V with a fresh slice (nothing is hoarded); else it goes on where it was
//   (nothing is gained by sleeping, and nothing lost).
#pragma once

#include "cpudriver/schedule/schedulable.hpp"
#include "platforms/base/result.hpp"

namespace skerry::cpudriver {

constexpr uint64_t slice = 1'000'000;      // ns
constexpr uint32_t largest_weight = 1000;  // so that slice / weight keeps three digits
constexpr uint32_t default_weight = 100;

class BestEffort {
  public:
    // Readiness. The task must not be in the queue, or must be in it, respectively. O(log n).
    void enter(Schedulable& task);
    void leave(Schedulable& task);
    // The task, which is in the queue, was served. Beyond two slices the rest is forgiven: the driver let it
    // run that long because nobody else was ready, whoever may have come in this same driver entry.
    void charge(Schedulable& task, uint64_t elapsed_ns);
    // Gives up the rest of the slice.
    void yield(Schedulable& task);
    // A new weight for a task that is not in the queue. Keeps its place in virtual time.
    static void set_weight(Schedulable& task, uint32_t weight);

    Schedulable* first() const { return ready_.first(); }
    size_t size() const { return ready_.size(); }
    uint64_t virtual_time() const { return virtual_time_; }

  private:
    static bool earlier(const Schedulable& a, const Schedulable& b) { return a.virtual_deadline < b.virtual_deadline; }
    void advance();
    void postpone(Schedulable& task, uint64_t left);

    using Queue = base::Tree<Schedulable, base::LinkTraits<Schedulable, &Schedulable::run_link, &BestEffort::earlier>>;
    Queue ready_;
    uint64_t virtual_time_ = 0;  // V; goes no faster than the clock, so it does not wrap
};

}  // namespace skerry::cpudriver
