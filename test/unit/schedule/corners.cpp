// Corner cases: tickless idle, jumps of the clock, zero and huge times, many releases at once.
#include <catch2/catch.hpp>
#include <vector>

#include "test/unit/schedule/simulation.hpp"

using namespace skerry;
using namespace skerry::test;
using cpudriver::RunState;
using cpudriver::Schedulable;
using cpudriver::Scheduler;

TEST_CASE("no timer runs when nobody could take the core") {
    Simulation machine;
    REQUIRE(machine.scheduler.pick(5) == nullptr);
    REQUIRE(machine.scheduler.timer_deadline(5) == never);
    Task& a = machine.spinner(100);
    REQUIRE(machine.scheduler.pick(5) == &a);
    REQUIRE(machine.scheduler.timer_deadline(5) == never);
    Task& b = machine.spinner(100);
    REQUIRE(machine.scheduler.timer_deadline(5) == 5 + cpudriver::slice);
    machine.scheduler.block(b, 5);
    REQUIRE(machine.scheduler.timer_deadline(5) == never);

    SECTION("but the release of a throttled reservation needs one") {
        REQUIRE(machine.scheduler.reserve_hard(b, 1 * ms, 10 * ms, 5).ok());
        machine.scheduler.make_ready(b, 5);
        REQUIRE(machine.scheduler.pick(5) == &b);
        machine.scheduler.charge(b, 1 * ms, 5 + 1 * ms);
        REQUIRE(machine.scheduler.pick(5 + 1 * ms) == &a);
        REQUIRE(machine.scheduler.timer_deadline(5 + 1 * ms) == 5 + 10 * ms);
    }
}

TEST_CASE("who ran alone for long owes nothing, whatever order the driver calls in") {
    for (bool charge_first : {true, false}) {
        Scheduler scheduler;
        Schedulable a, b;
        REQUIRE(scheduler.add_best_effort(a, 100, 0).ok());
        REQUIRE(scheduler.add_best_effort(b, 100, 0).ok());
        scheduler.make_ready(a, 0);
        uint64_t now = 100 * second;
        if (charge_first) scheduler.charge(a, now, now);
        scheduler.make_ready(b, now);
        if (!charge_first) scheduler.charge(a, now, now);
        uint64_t start = a.cpu_time;
        for (int i = 0; i < 20; i++) {
            Schedulable* task = scheduler.pick(now);
            now += cpudriver::slice;
            scheduler.charge(*task, cpudriver::slice, now);
        }
        REQUIRE(a.cpu_time - start >= 8 * cpudriver::slice);
        REQUIRE(b.cpu_time >= 8 * cpudriver::slice);
    }
}

TEST_CASE("zero elapsed changes nothing") {
    Simulation machine;
    Task* hard = machine.periodic(1 * ms, 10 * ms);
    Task& spinner = machine.spinner(7);
    machine.run(100 * us);
    Task hard_before = *hard, spinner_before = spinner;
    for (int i = 0; i < 10'000; i++) {
        machine.scheduler.charge(*hard, 0, machine.now);
        machine.scheduler.charge(spinner, 0, machine.now);
        REQUIRE(machine.scheduler.pick(machine.now) == hard);
    }
    REQUIRE(hard->budget_left == hard_before.budget_left);
    REQUIRE(hard->deadline == hard_before.deadline);
    REQUIRE(spinner.slice_left == spinner_before.slice_left);
    REQUIRE(spinner.virtual_deadline == spinner_before.virtual_deadline);
}

TEST_CASE("the clock jumps ahead: everybody goes on, and nothing is made up for") {
    Simulation machine;
    Task* hard = machine.periodic(2 * ms, 10 * ms);
    hard->job = never;
    Task& spinner = machine.spinner(100);
    machine.run(55 * ms);
    for (uint64_t jump : {100 * second, uint64_t{1} << 50, uint64_t{1} << 62}) {
        machine.now += jump;
        uint64_t hard_before = hard->cpu_time, spinner_before = spinner.cpu_time, from = machine.now;
        machine.run(from + 100 * ms);
        REQUIRE(hard->cpu_time - hard_before >= 18 * ms);
        REQUIRE(hard->cpu_time - hard_before <= 22 * ms);
        REQUIRE(spinner.cpu_time - spinner_before >= 78 * ms);
    }
}

TEST_CASE("the clock steps back: taken as standing still") {
    Simulation machine;
    Task* hard = machine.periodic(2 * ms, 10 * ms);
    machine.run(50 * ms);
    REQUIRE(machine.scheduler.pick(machine.now) == nullptr);
    uint64_t deadline = hard->deadline;
    machine.scheduler.make_ready(*hard, 1 * ms);
    REQUIRE(hard->deadline == deadline + 10 * ms);
    REQUIRE(machine.scheduler.timer_deadline(0) >= 50 * ms);
}

TEST_CASE("at the end of time nothing wraps") {
    Scheduler scheduler;
    Schedulable hard, best;
    REQUIRE(scheduler.add_best_effort(best, 1, never - 10).ok());
    REQUIRE(scheduler.reserve_hard(hard, 1 * ms, 10 * ms, never - 10).ok());
    scheduler.make_ready(best, never - 10);
    scheduler.make_ready(hard, never - 10);
    REQUIRE(scheduler.pick(never - 5) != nullptr);
    REQUIRE(scheduler.timer_deadline(never - 5) >= never - 5);
    scheduler.charge(best, never, never - 2);
    scheduler.charge(best, never, never - 1);
    REQUIRE(best.cpu_time == never);
    scheduler.charge(hard, never, never - 1);
    REQUIRE(hard.state == RunState::throttled);
    REQUIRE(scheduler.pick(never - 1) == &best);
}

TEST_CASE("many releases at one moment are begun in bounded steps, without losing any") {
    Scheduler scheduler;
    std::vector<Schedulable> tasks(40);
    uint64_t period = 10 * ms, budget = 200 * us;
    for (auto& task : tasks) {
        REQUIRE(scheduler.reserve_hard(task, budget, period, 0).ok());
        scheduler.make_ready(task, 0);
    }
    for (auto& task : tasks) scheduler.charge(task, budget, 8 * ms);
    REQUIRE(scheduler.pick(8 * ms) == nullptr);
    REQUIRE(scheduler.timer_deadline(8 * ms) == period);
    int entries = 0;
    while (scheduler.timer_deadline(period) == period) {
        REQUIRE(scheduler.pick(period) != nullptr);
        entries++;
    }
    REQUIRE(entries == 10);
    for (auto& task : tasks) REQUIRE(task.state == RunState::ready);
}

TEST_CASE("calls that do not fit the state have no effect") {
    Scheduler scheduler;
    Schedulable task;
    REQUIRE(scheduler.reserve_hard(task, 1 * ms, 10 * ms, 0).ok());
    scheduler.block(task, 0);
    scheduler.yield(task, 0);
    REQUIRE(task.state == RunState::blocked);
    scheduler.make_ready(task, 0);
    scheduler.make_ready(task, 0);
    scheduler.yield(task, 0);
    REQUIRE(task.state == RunState::throttled);
    scheduler.yield(task, 0);
    scheduler.charge(task, 5 * us, 5 * us);  // the way from the throttling timer to the next pick
    REQUIRE(task.cpu_time == 5 * us);
    scheduler.block(task, 6 * us);
    scheduler.make_ready(task, 7 * us);  // blocking and waking does not renew the budget
    REQUIRE(task.state == RunState::throttled);
}
