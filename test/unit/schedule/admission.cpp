// Admission: what is refused changes nothing.
#include <catch2/catch.hpp>

#include "test/unit/schedule/simulation.hpp"

using namespace skerry;
using namespace skerry::test;
using base::Error;
using cpudriver::hard_limit;
using cpudriver::RunState;
using cpudriver::Schedulable;
using cpudriver::Scheduler;
using cpudriver::Service;

TEST_CASE("nine tenths can be reserved and no more") {
    Scheduler scheduler;
    Schedulable tasks[10];
    for (int i = 0; i < 9; i++) REQUIRE(scheduler.reserve_hard(tasks[i], 1 * ms, 10 * ms, 0).ok());
    uint32_t rate = scheduler.hard_rate();
    REQUIRE(rate <= hard_limit);
    REQUIRE(scheduler.reserve_hard(tasks[9], 10 * us, 10 * ms, 0).error() == Error::refused);
    REQUIRE(scheduler.hard_rate() == rate);
    REQUIRE(tasks[9].service == Service::none);
    REQUIRE(tasks[9].state == RunState::absent);
    scheduler.remove(tasks[0], 0);  // no period has begun: free at once
    REQUIRE(scheduler.reserve_hard(tasks[9], 1 * ms, 10 * ms, 0).ok());
}

TEST_CASE("absurd reservations and weights are refused as arguments") {
    Scheduler scheduler;
    Schedulable task;
    struct {
        uint64_t budget, period;
    } bad[] = {{0, 0},      {0, ms},    {ms, 0},        {2 * ms, ms},      {1, ms}, {9'999, ms}, {ms, 11 * second},
               {ms, never}, {never, 1}, {never, never}, {never - 1, never}};
    for (auto [budget, period] : bad) {
        INFO(budget << " in " << period);
        REQUIRE(scheduler.reserve_hard(task, budget, period, 0).error() == Error::invalid_argument);
    }
    for (uint64_t weight : {uint64_t{0}, uint64_t{1001}, uint64_t{1} << 32, (uint64_t{1} << 32) + 1, never}) {
        REQUIRE(scheduler.add_best_effort(task, weight, 0).error() == Error::invalid_argument);
    }
    REQUIRE(task.state == RunState::absent);
    REQUIRE(scheduler.pick(0) == nullptr);
}

TEST_CASE("a refused change leaves the old reservation") {
    Simulation machine;
    Task* task = machine.periodic(5 * ms, 10 * ms);
    Task* other = machine.periodic(3 * ms, 10 * ms);
    machine.run(23 * ms);
    Task before = *task;
    REQUIRE(machine.scheduler.reserve_hard(*task, 7 * ms, 10 * ms, machine.now).error() == Error::refused);
    REQUIRE(machine.scheduler.reserve_hard(*task, 0, 10 * ms, machine.now).error() == Error::invalid_argument);
    REQUIRE(machine.scheduler.add_best_effort(*task, 0, machine.now).error() == Error::invalid_argument);
    REQUIRE(task->budget == before.budget);
    REQUIRE(task->period == before.period);
    REQUIRE(task->deadline == before.deadline);
    REQUIRE(task->budget_left == before.budget_left);
    REQUIRE(task->service == Service::hard);
    machine.run(1000 * ms);
    REQUIRE(task->late_jobs + other->late_jobs == 0);
    REQUIRE(task->jobs_done == 100);
}

TEST_CASE("a changed reservation holds from the next period on") {
    Simulation machine;
    Task* task = machine.periodic(5 * ms, 10 * ms);
    task->job = never;
    machine.run(3 * ms);
    REQUIRE(machine.scheduler.reserve_hard(*task, 8 * ms, 10 * ms, machine.now).ok());
    machine.run(10 * ms);
    REQUIRE(task->cpu_time == 5 * ms);
    machine.run(20 * ms);
    REQUIRE(task->cpu_time == 13 * ms);
    REQUIRE(machine.scheduler.reserve_hard(*task, 1 * ms, 2 * ms, machine.now).ok());
    machine.run(40 * ms);
    REQUIRE(task->cpu_time == 13 * ms + 10 * ms);
}

TEST_CASE("a rate that was given up is free when its last period is over, however often others come and go") {
    Simulation machine;
    Task* first = machine.periodic(600 * ms, 1000 * ms);
    first->job = never;
    machine.run(600 * ms);  // its budget is used up, its period is not over
    machine.scheduler.remove(*first, machine.now);
    Task next;
    REQUIRE(machine.scheduler.hard_rate() == 0);
    REQUIRE(machine.scheduler.reserve_hard(next, 600 * ms, 1000 * ms, machine.now).error() == Error::refused);
    REQUIRE(machine.scheduler.reserve_hard(next, 290 * ms, 1000 * ms, machine.now).ok());
    for (int i = 0; i < 100; i++) {
        Task* brief = machine.periodic(10 * us, 10 * second, 0);
        REQUIRE(brief != nullptr);
        machine.run(machine.now + 6 * ms);
        machine.scheduler.remove(*brief, machine.now);
        machine.wakes.remove(*brief);
    }
    machine.run(1300 * ms);
    REQUIRE(machine.scheduler.reserve_hard(next, 890 * ms, 1000 * ms, machine.now).ok());
}

TEST_CASE("from best effort to hard and back, ready or not") {
    Scheduler scheduler;
    Schedulable task;
    REQUIRE(scheduler.add_best_effort(task, 10, 0).ok());
    REQUIRE(task.state == RunState::blocked);
    scheduler.make_ready(task, 0);
    REQUIRE(scheduler.reserve_hard(task, 1 * ms, 4 * ms, 0).ok());
    REQUIRE(scheduler.pick(0) == &task);
    REQUIRE(scheduler.timer_deadline(0) == 1 * ms);
    scheduler.charge(task, 1 * ms, 1 * ms);
    REQUIRE(task.state == RunState::throttled);
    REQUIRE(scheduler.pick(1 * ms) == nullptr);
    REQUIRE(scheduler.timer_deadline(1 * ms) == 4 * ms);
    REQUIRE(scheduler.add_best_effort(task, 20, 2 * ms).ok());
    REQUIRE(task.state == RunState::ready);
    REQUIRE(scheduler.pick(2 * ms) == &task);
    REQUIRE(scheduler.timer_deadline(2 * ms) == never);
    scheduler.remove(task, 2 * ms);
    scheduler.remove(task, 2 * ms);
    REQUIRE(task.state == RunState::absent);
    REQUIRE(scheduler.pick(2 * ms) == nullptr);
    scheduler.make_ready(task, 3 * ms);
    scheduler.block(task, 3 * ms);
    REQUIRE(task.state == RunState::absent);
}
