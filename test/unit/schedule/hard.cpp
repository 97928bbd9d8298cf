// Reservations are met whatever else runs, and harm nobody.
#include <catch2/catch.hpp>
#include <random>

#include "test/unit/schedule/simulation.hpp"

using namespace skerry;
using namespace skerry::test;

namespace {

uint64_t up_to_all(Task& task, void* random) {
    auto& generator = *static_cast<std::mt19937*>(random);
    if (generator() % 3 != 0) return task.job;
    return 1 + generator() % task.job;
}

// Adds random reservations until one is refused.
void reserve_all(Simulation& machine, std::mt19937& random) {
    for (int i = 0; i < 12; i++) {
        uint64_t period = (500 + random() % 40'000) * us;
        uint64_t budget = std::max(period / 100 * (1 + random() % 60), 10 * us);
        uint64_t first = random() % 2 ? 0 : random() % (20 * ms);
        if (machine.periodic(budget, period, first) == nullptr) break;
    }
}

void best_effort_load(Simulation& machine, std::mt19937& random) {
    for (uint32_t i = random() % 6; i > 0; i--) machine.spinner(1 + random() % 1000);
    for (uint32_t i = random() % 6; i > 0; i--) {
        machine.sleeper(1 + random() % 1000, (1 + random() % 3000) * us, random() % (5 * ms));
    }
}

}  // namespace

TEST_CASE("no reservation misses a deadline in thousands of random admitted sets under any load") {
    uint64_t jobs = 0;
    for (uint32_t seed = 1; seed <= 3000; seed++) {
        std::mt19937 random(seed);
        Simulation machine;
        machine.length = up_to_all;
        machine.length_data = &random;
        reserve_all(machine, random);
        best_effort_load(machine, random);
        machine.run(200 * ms);
        for (Task& task : machine.tasks()) {
            if (task.every == 0) continue;
            jobs += task.jobs_done;
            if (task.late_jobs != 0 || task.deadline_misses != 0) FAIL("seed " << seed);
        }
    }
    REQUIRE(jobs > 100'000);
}

TEST_CASE("reservations that come, change and go at run time do not make others miss") {
    for (uint32_t seed = 1; seed <= 500; seed++) {
        std::mt19937 random(seed);
        Simulation machine;
        Task* steady = machine.periodic(3 * ms, 10 * ms);
        Task* fast = machine.periodic(200 * us, 1 * ms);
        best_effort_load(machine, random);
        Task& guest = machine.spinner(100);
        for (int i = 0; i < 60; i++) {
            machine.run(machine.now + random() % (3 * ms));
            uint64_t period = (1000 + random() % 9000) * us;
            uint64_t budget = period / 100 * (1 + random() % 60);
            if (random() % 3 == 0) {
                REQUIRE(machine.scheduler.add_best_effort(guest, 1 + random() % 1000, machine.now).ok());
            } else {
                (void)machine.scheduler.reserve_hard(guest, budget, period, machine.now).ok();
            }
        }
        if (steady->late_jobs + fast->late_jobs + steady->deadline_misses != 0) FAIL("seed " << seed);
    }
}

TEST_CASE("best effort gets what reservations leave, and never less than a tenth") {
    Simulation machine;
    for (int i = 0; i < 3; i++) REQUIRE(machine.periodic(3 * ms, 10 * ms) != nullptr);
    Task& spinner = machine.spinner(1);
    machine.run(10 * second);
    REQUIRE(machine.idle == 0);
    REQUIRE(spinner.cpu_time >= 990 * ms);
    REQUIRE(spinner.cpu_time <= 1010 * ms);
}

TEST_CASE("long hard periods do not shut best effort out") {
    Simulation machine;
    REQUIRE(machine.periodic(4500 * ms, 5000 * ms) != nullptr);
    Task& monitor = machine.sleeper(100, 100 * us, 3 * ms);
    machine.run(20 * second);
    REQUIRE(monitor.jobs_done > 1000);
    REQUIRE(monitor.worst_response < 25 * ms);  // two periods of the best-effort server, and its own job
}

TEST_CASE("a hard task that overruns is throttled and harms nobody") {
    Simulation machine;
    Task* honest = machine.periodic(4 * ms, 10 * ms);
    Task* greedy = machine.periodic(2 * ms, 5 * ms);
    greedy->job = never;  // never finishes
    Task& spinner = machine.spinner(10);
    machine.run(10 * second);
    REQUIRE(honest->late_jobs == 0);
    REQUIRE(honest->jobs_done == 1000);
    REQUIRE(greedy->cpu_time == 4000 * ms);
    REQUIRE(greedy->deadline_misses == 0);
    REQUIRE(spinner.cpu_time >= 1990 * ms);

    SECTION("even alone, and the core idles meanwhile") {
        machine.scheduler.remove(spinner, machine.now);
        uint64_t before = greedy->cpu_time, idle = machine.idle;
        machine.run(20 * second);
        REQUIRE(greedy->cpu_time - before == 4000 * ms);
        REQUIRE(machine.idle > idle);
    }
}

TEST_CASE("a timer that comes late is no miss of who had its budget before its deadline") {
    Simulation machine;
    Task* task = machine.periodic(2 * ms, 10 * ms, 0);
    auto& scheduler = machine.scheduler;
    machine.run(1 * ms);
    REQUIRE(task->budget_left == 1 * ms);
    machine.now = 9 * ms;  // it runs on from here
    SECTION("its budget ended at the deadline") {
        scheduler.charge(*task, 1 * ms + 50 * us, machine.now = 10 * ms + 50 * us);
        CHECK(task->deadline_misses == 0);
    }
    SECTION("it ended behind it") {
        scheduler.charge(*task, 1 * ms + 50 * us, machine.now = 10 * ms + 51 * us);
        CHECK(task->deadline_misses == 1);
    }
    CHECK(task->state == cpudriver::RunState::throttled);
}

TEST_CASE("a hard task that sleeps on keeps its guarantee from its late wake-up") {
    Simulation machine;
    Task* late = machine.periodic(2 * ms, 10 * ms, 0);
    for (int i = 0; i < 7; i++) REQUIRE(machine.periodic(1 * ms, 10 * ms, 0) != nullptr);
    machine.run(30 * ms);
    machine.wakes.insert(*late, 47 * ms);  // misses its turns at 30 and 40
    machine.spinner(1000);
    machine.run(200 * ms);
    REQUIRE(late->late_jobs == 0);
    REQUIRE(late->released % (10 * ms) == 7 * ms);  // the phase is the wake-up's from there on
}

TEST_CASE("jitter of wake-ups delays a job by no more than the jitter") {
    std::mt19937 random(7);
    Simulation machine;
    for (int i = 0; i < 4; i++) REQUIRE(machine.periodic(2 * ms, 10 * ms) != nullptr);
    Task* shaky = machine.periodic(1 * ms, 10 * ms);
    machine.spinner(100);
    for (uint64_t turn = 1; turn < 300; turn++) {
        machine.run(turn * 10 * ms - 1 * ms);
        machine.wakes.insert(*shaky, turn * 10 * ms + random() % (500 * us));
    }
    REQUIRE(shaky->jobs_done >= 298);
    REQUIRE(shaky->worst_response <= 10 * ms + 500 * us);
}
