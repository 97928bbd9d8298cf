#include "cpudriver/schedule/scheduler.hpp"

#include <algorithm>

namespace skerry::cpudriver {

using base::Error;
using base::Status;

uint64_t Scheduler::tick(uint64_t now) {
    return latest_ = std::max(latest_, now);
}

Status Scheduler::add_best_effort(Schedulable& task, uint64_t weight, uint64_t now) {
    if (weight == 0 || weight > largest_weight) return Error::invalid_argument;
    bool wants_to_run = task.state == RunState::ready || task.state == RunState::throttled;
    leave_service(task, now);
    task.service = Service::best_effort;
    task.state = RunState::blocked;
    BestEffort::set_weight(task, static_cast<uint32_t>(weight));
    if (wants_to_run) make_ready(task, now);
    return {};
}

Status Scheduler::reserve_hard(Schedulable& task, uint64_t budget, uint64_t period, uint64_t now) {
    uint32_t rate = SKERRY_TRY(rate_of(budget, period));
    now = tick(now);
    uint32_t held = task.service == Service::hard ? task.rate : 0;
    SKERRY_ASSERT(hard_rate_ >= held);
    if (rate_in_use(now) - held + rate > hard_limit) return Error::refused;

    bool wants_to_run = task.state == RunState::ready;
    if (task.service != Service::hard) {
        leave_service(task, now);
        task.service = Service::hard;
        task.state = RunState::blocked;
        task.deadline = now;  // so that a period begins as soon as it is ready
        task.budget_left = 0;
    } else {
        if (rate < held) returned_.add(held - rate, task.deadline, now);
        wants_to_run = false;  // it stays where it is
    }
    hard_rate_ = hard_rate_ - held + rate;
    task.budget = budget;
    task.period = period;
    task.rate = rate;
    SKERRY_ASSERT(rate_in_use(now) <= hard_limit);
    if (wants_to_run) make_ready(task, now);
    return {};
}

void Scheduler::remove(Schedulable& task, uint64_t now) {
    leave_service(task, now);
    task.service = Service::none;
    task.state = RunState::absent;
}

// Afterwards the task is in no queue and holds no rate.
void Scheduler::leave_service(Schedulable& task, uint64_t now) {
    now = tick(now);
    block(task, now);
    if (task.service != Service::hard) return;
    SKERRY_ASSERT(hard_rate_ >= task.rate);
    returned_.add(task.rate, task.deadline, now);
    hard_rate_ -= task.rate;
    task.rate = 0;
}

void Scheduler::make_ready(Schedulable& task, uint64_t now) {
    now = tick(now);
    if (task.state != RunState::blocked) return;
    if (task.service == Service::hard) {
        // Nobody hard was ready: what best effort took until now, it took from nobody.
        if (hard_.first() == nullptr) renew_server(now);
        hard_.enter(task, now);
        return;
    }
    SKERRY_ASSERT(task.service == Service::best_effort);
    if (best_effort_.size() == 0) {
        bool over = server_deadline_ <= now;
        // The wake-up rule of a constant-bandwidth server, for all of them together.
        if (over || server_left_ * server_period >= (server_deadline_ - now) * server_budget) renew_server(now);
    }
    best_effort_.enter(task);
    task.state = RunState::ready;
}

void Scheduler::block(Schedulable& task, uint64_t now) {
    now = tick(now);
    if (task.state != RunState::ready && task.state != RunState::throttled) return;
    if (task.service == Service::hard) {
        hard_.leave(task, now);
    } else {
        best_effort_.leave(task);
    }
    task.state = RunState::blocked;
}

void Scheduler::charge(Schedulable& task, uint64_t elapsed_ns, uint64_t now) {
    SKERRY_ASSERT(task.state != RunState::ready || task.service != Service::none);
    now = tick(now);
    task.cpu_time = later(task.cpu_time, elapsed_ns);
    if (task.state != RunState::ready) return;
    if (task.service == Service::hard) {
        hard_.charge(task, elapsed_ns, now);
    } else {
        best_effort_.charge(task, elapsed_ns);
        charge_server(elapsed_ns);
    }
}

void Scheduler::yield(Schedulable& task, uint64_t now) {
    now = tick(now);
    if (task.state != RunState::ready) return;
    if (task.service == Service::hard) {
        hard_.yield(task, now);
    } else {
        best_effort_.yield(task);
    }
}

Schedulable* Scheduler::pick(uint64_t now) {
    now = tick(now);
    if (hard_.first() == nullptr && hard_.next_release() <= now) renew_server(now);
    hard_.advance(now);
    Schedulable* chosen = best_effort_first() ? best_effort_.first() : hard_.first();
    SKERRY_ASSERT(chosen == nullptr || chosen->state == RunState::ready);
    return chosen;
}

uint64_t Scheduler::timer_deadline(uint64_t now) const {
    now = std::max(now, latest_);
    uint64_t deadline = hard_.next_release();
    const Schedulable* hard = hard_.first();
    if (best_effort_first()) {
        if (best_effort_.size() > 1) {
            deadline = std::min(deadline, later(now, best_effort_.first()->slice_left));
        }
        if (hard != nullptr) deadline = std::min(deadline, later(now, server_left_));
    } else if (hard != nullptr) {
        deadline = std::min(deadline, later(now, hard->budget_left));
    }
    return std::max(deadline, now);
}

bool Scheduler::best_effort_first() const {
    const Schedulable* hard = hard_.first();
    if (best_effort_.size() == 0) return false;
    return hard == nullptr || server_deadline_ < hard->deadline;
}

void Scheduler::renew_server(uint64_t now) {
    server_left_ = server_budget;
    server_deadline_ = later(now, server_period);
}

// Time that nobody hard wanted is charged, too: renew_server() forgives it when somebody comes.
void Scheduler::charge_server(uint64_t elapsed_ns) {
    if (elapsed_ns < server_left_) {
        server_left_ -= elapsed_ns;
        return;
    }
    // As in BestEffort::charge: at most one more budget is counted.
    uint64_t over = elapsed_ns - server_left_;
    server_deadline_ = later(server_deadline_, server_period);
    server_left_ = over < server_budget ? server_budget - over : 1;
    SKERRY_ASSERT(server_left_ > 0 && server_left_ <= server_budget);
}

}  // namespace skerry::cpudriver
