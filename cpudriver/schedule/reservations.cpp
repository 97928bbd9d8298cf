#include "cpudriver/schedule/reservations.hpp"

namespace skerry::cpudriver {

void Reservations::begin_period(Schedulable& task, uint64_t at) {
    SKERRY_ASSERT(task.budget >= shortest_budget && task.period >= task.budget);
    task.budget_left = task.budget;
    task.current_rate = task.rate;
    task.deadline = later(at, task.period);
}

// Periods follow each other without a gap, but one that was left out altogether (the clock jumped) is not
// made up for: a whole budget before a deadline that is near would harm the others.
uint64_t Reservations::begin_after(const Schedulable& task, uint64_t now) {
    SKERRY_ASSERT(task.deadline <= now);
    return now - task.deadline < task.period ? task.deadline : now;
}

void Reservations::enter(Schedulable& task, uint64_t now) {
    SKERRY_ASSERT(task.state == RunState::blocked);
    if (task.deadline > now) {
        SKERRY_ASSERT(task.deadline - now <= longest_period);
        bool served_less = task.budget_left * rate_one >= (task.deadline - now) * task.current_rate;
        if (served_less) begin_period(task, now);
    } else {
        begin_period(task, now);
    }
    task.state = task.budget_left > 0 ? RunState::ready : RunState::throttled;
    (task.state == RunState::ready ? ready_ : throttled_).insert(task);
}

void Reservations::leave(Schedulable& task, uint64_t now) {
    SKERRY_ASSERT(task.state == RunState::ready || task.state == RunState::throttled);
    if (task.state == RunState::ready) {
        if (now > task.deadline) task.deadline_misses++;
        ready_.remove(task);
    } else {
        throttled_.remove(task);
    }
    task.state = RunState::blocked;
}

void Reservations::charge(Schedulable& task, uint64_t elapsed_ns, uint64_t now) {
    SKERRY_ASSERT(task.state == RunState::ready && task.budget_left > 0);
    if (elapsed_ns < task.budget_left) {
        task.budget_left -= elapsed_ns;
    } else {
        // The timer may come late, behind the deadline even: what counts is when it had its budget.
        throttle(task, now - (elapsed_ns - task.budget_left));
    }
}

void Reservations::yield(Schedulable& task, uint64_t now) {
    throttle(task, now);
}

void Reservations::throttle(Schedulable& task, uint64_t served) {
    SKERRY_ASSERT(task.state == RunState::ready);
    if (served > task.deadline) task.deadline_misses++;
    ready_.remove(task);
    task.budget_left = 0;
    task.state = RunState::throttled;
    throttled_.insert(task);
}

void Reservations::advance(uint64_t now) {
    for (uint32_t i = 0; i < releases_a_call; i++) {
        Schedulable* task = throttled_.first();
        bool missed = task == nullptr || task->deadline > now;
        if (missed) task = ready_.first();
        if (task == nullptr || task->deadline > now) return;
        if (missed) task->deadline_misses++;
        (missed ? ready_ : throttled_).remove(*task);
        begin_period(*task, begin_after(*task, now));
        task->state = RunState::ready;
        ready_.insert(*task);
    }
}

uint64_t Reservations::next_release() const {
    const Schedulable* waiting = throttled_.first();
    const Schedulable* late = ready_.first();  // its period ends, with or without its budget
    uint64_t release = waiting ? waiting->deadline : never;
    return late && late->deadline < release ? late->deadline : release;
}

}  // namespace skerry::cpudriver
