// A core in virtual time around the real scheduler: it does what the CPU driver's entries do, in the same
// order.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "cpudriver/schedule/scheduler.hpp"
#include "cpudriver/schedule/wake_queue.hpp"

namespace skerry::test {

constexpr uint64_t us = 1'000, ms = 1'000'000, second = 1'000'000'000;
constexpr uint64_t never = cpudriver::never;

struct Task : cpudriver::Schedulable {
    // What the program does: jobs of some length, one after the other; a job is released by time or by the
    // test.
    uint64_t work = never;  // ns left of the job; never: spins
    uint64_t every = 0;     // ns between releases; 0: no more jobs by themselves
    uint64_t job = 0;       // ns of each job
    uint64_t pause = 0;     // ns of sleep after a job instead of a fixed release time
    uint64_t released = 0;  // when the job was
    bool waits_for_core = false;
    uint64_t jobs_done = 0, late_jobs = 0, worst_latency = 0, worst_response = 0;
};

class Simulation {
  public:
    cpudriver::Scheduler scheduler;
    cpudriver::WakeQueue wakes;
    uint64_t now = 0, idle = 0, picks = 0;

    Task& spinner(uint32_t weight) {
        Task& task = tasks_.emplace_back();
        (void)scheduler.add_best_effort(task, weight, now).ok();
        scheduler.make_ready(task, now);
        return task;
    }
    // Runs `job` ns, then sleeps `pause` ns, for ever.
    Task& sleeper(uint32_t weight, uint64_t job, uint64_t pause) {
        Task& task = tasks_.emplace_back();
        task.job = job;
        task.pause = pause;
        (void)scheduler.add_best_effort(task, weight, now).ok();
        wakes.insert(task, now + pause);
        return task;
    }
    // Null if refused. Jobs as long as the budget, first at `first`.
    Task* periodic(uint64_t budget, uint64_t period, uint64_t first = 0) {
        Task& task = tasks_.emplace_back();
        task.job = budget;
        task.every = period;
        if (!scheduler.reserve_hard(task, budget, period, now).ok()) {
            tasks_.pop_back();
            return nullptr;
        }
        wakes.insert(task, std::max(now, first));
        return &task;
    }

    void run(uint64_t until) {
        while (now < until) step(until);
    }
    std::deque<Task>& tasks() { return tasks_; }

    // How long jobs are, 1 to task.job; the default is all of it.
    uint64_t (*length)(Task&, void*) = nullptr;
    void* length_data = nullptr;

  private:
    void step(uint64_t until) {
        while (auto* task = static_cast<Task*>(wakes.expire(now))) release(*task);
        auto* task = static_cast<Task*>(scheduler.pick(now));
        picks++;
        uint64_t next = std::min({until, wakes.next(), scheduler.timer_deadline(now)});
        if (task == nullptr) {
            idle += next - now;
            now = next;
            return;
        }
        if (task->waits_for_core) {
            task->waits_for_core = false;
            task->worst_latency = std::max(task->worst_latency, now - task->released);
        }
        if (task->work != never) next = std::min(next, now + task->work);
        uint64_t elapsed = next - now;
        now = next;
        scheduler.charge(*task, elapsed, now);
        if (task->work == never) return;
        task->work -= elapsed;
        if (task->work == 0) finish(*task);
    }
    void release(Task& task) {
        task.released = now;
        task.work = length ? length(task, length_data) : task.job;
        task.waits_for_core = true;
        scheduler.make_ready(task, now);
    }
    void finish(Task& task) {
        task.jobs_done++;
        task.worst_response = std::max(task.worst_response, now - task.released);
        uint64_t next = now + task.pause;
        if (task.every != 0) {
            next = task.released + task.every;
            if (now > next) task.late_jobs++;
        }
        scheduler.block(task, now);
        wakes.insert(task, next);
    }

    std::deque<Task> tasks_;  // elements do not move
};

}  // namespace skerry::test
