// Dispatchers that gave up the core until a time. The driver arms its timer for the earlier of next() and the
// scheduler's timer_deadline(), and takes one expired dispatcher after the other out.
#pragma once

#include "cpudriver/schedule/schedulable.hpp"

namespace skerry::cpudriver {

class WakeQueue {
  public:
    // wake_at in clock ns, not `never`. A task that is in the queue gets the new time. O(log n).
    void insert(Schedulable& task, uint64_t wake_at) {
        SKERRY_ASSERT(wake_at != never);
        remove(task);
        task.wake_at = wake_at;
        waiting_.insert(task);
    }
    // No effect if it is not in the queue. O(log n).
    void remove(Schedulable& task) {
        if (task.wake_at == never) return;
        waiting_.remove(task);
        task.wake_at = never;
    }
    // Takes out the earliest one whose time has come; null: none. Equal times leave in the order of their
    // coming.
    Schedulable* expire(uint64_t now) {
        Schedulable* task = waiting_.first();
        if (task == nullptr || task->wake_at > now) return nullptr;
        remove(*task);
        return task;
    }
    // The earliest time, clock ns; `never`: the queue is empty.
    uint64_t next() const {
        const Schedulable* task = waiting_.first();
        SKERRY_ASSERT(task == nullptr || task->wake_at != never);
        return task ? task->wake_at : never;
    }
    size_t size() const { return waiting_.size(); }

  private:
    static bool earlier(const Schedulable& a, const Schedulable& b) { return a.wake_at < b.wake_at; }
    base::Tree<Schedulable, base::LinkTraits<Schedulable, &Schedulable::wake_link, &WakeQueue::earlier>> waiting_;
};

}  // namespace skerry::cpudriver
