// Best effort: shares follow weights, nobody starves, whoever slept is served soon.
#include <catch2/catch.hpp>
#include <cmath>
#include <random>
#include <vector>

#include "test/unit/schedule/simulation.hpp"

using namespace skerry;
using namespace skerry::test;

namespace {

bool near(uint64_t value, double expected, double tolerance) {
    return std::abs(static_cast<double>(value) - expected) <= tolerance * expected;
}

}  // namespace

TEST_CASE("shares follow the weights") {
    for (uint32_t seed = 1; seed <= 100; seed++) {
        std::mt19937 random(seed);
        Simulation machine;
        std::vector<Task*> spinners;
        double sum = 0;
        bool hard = random() % 2;
        if (hard) REQUIRE(machine.periodic(3 * ms, 7 * ms) != nullptr);
        for (uint32_t i = 2 + random() % 6; i > 0; i--) {
            spinners.push_back(&machine.spinner(10 + random() % 190));
            sum += spinners.back()->weight;
        }
        machine.run(20 * second);
        double left = 20e9 * (hard ? 4.0 / 7 : 1);
        for (Task* task : spinners) {
            if (!near(task->cpu_time, left * task->weight / sum, 0.02)) FAIL("seed " << seed);
        }
        REQUIRE(machine.idle == 0);
    }
}

TEST_CASE("shares follow the weights at once when others come, go or change") {
    Simulation machine;
    Task& a = machine.spinner(100);
    machine.run(10 * second);
    Task& b = machine.spinner(300);
    uint64_t a_before = a.cpu_time;
    machine.run(12 * second);
    REQUIRE(near(a.cpu_time - a_before, 0.5e9, 0.02));
    REQUIRE(near(b.cpu_time, 1.5e9, 0.02));

    REQUIRE(machine.scheduler.add_best_effort(a, 900, machine.now).ok());
    a_before = a.cpu_time;
    machine.run(14 * second);
    REQUIRE(near(a.cpu_time - a_before, 1.5e9, 0.02));

    machine.scheduler.block(a, machine.now);
    uint64_t b_before = b.cpu_time;
    machine.run(16 * second);
    REQUIRE(b.cpu_time - b_before == 2 * second);
    machine.scheduler.make_ready(a, machine.now);  // two seconds of sleep are not made up for
    a_before = a.cpu_time;
    machine.run(17 * second);
    REQUIRE(near(a.cpu_time - a_before, 0.75e9, 0.02));
}

TEST_CASE("who sleeps or comes while others compete is not owed the time before") {
    Simulation machine;
    Task& a = machine.spinner(100);
    Task& b = machine.spinner(100);
    Task& sleeper = machine.spinner(100);
    machine.run(3 * second);
    machine.scheduler.block(sleeper, machine.now);
    machine.run(9 * second);
    machine.scheduler.make_ready(sleeper, machine.now);
    Task& fresh = machine.spinner(100);
    uint64_t before = sleeper.cpu_time, a_before = a.cpu_time, b_before = b.cpu_time;
    machine.run(11 * second);
    REQUIRE(near(sleeper.cpu_time - before, 0.5e9, 0.02));
    REQUIRE(near(fresh.cpu_time, 0.5e9, 0.02));
    REQUIRE(near(a.cpu_time - a_before, 0.5e9, 0.02));
    REQUIRE(near(b.cpu_time - b_before, 0.5e9, 0.02));
}

TEST_CASE("a task that sleeps and wakes to jump the queue gets no more than its share") {
    for (uint64_t job : {100 * us, 900 * us, 999 * us, 1 * ms, 1500 * us, 2 * ms}) {
        for (uint64_t pause : {1 * us, 50 * us, 1 * ms}) {
            Simulation machine;
            Task& honest = machine.spinner(100);
            Task& other = machine.spinner(100);
            Task& cheat = machine.sleeper(100, job, pause);
            machine.run(5 * second);
            INFO("job " << job << " pause " << pause);
            REQUIRE(cheat.cpu_time <= 5 * second / 3 + 20 * ms);
            REQUIRE(honest.cpu_time >= 5 * second / 3 - 20 * ms);
            REQUIRE(near(other.cpu_time, static_cast<double>(honest.cpu_time), 0.02));
        }
    }
}

TEST_CASE("a monitor is dispatched soon however many spin") {
    for (uint32_t count : {1u, 4u, 16u, 64u, 512u}) {
        Simulation equal, heavy;
        for (uint32_t i = 0; i < count; i++) {
            equal.spinner(100);
            heavy.spinner(100);
        }
        equal.run(2 * count * ms);  // in the first round all have just woken up
        heavy.run(2 * count * ms);
        Task& plain = equal.sleeper(100, 20 * us, 3337 * us);
        Task& monitor = heavy.sleeper(800, 20 * us, 3337 * us);
        equal.run(7 * second);
        heavy.run(7 * second);
        INFO(count << " spinners");
        if (count < 150) REQUIRE(plain.worst_latency <= 1 * ms);  // else it wants more than its share
        REQUIRE(monitor.worst_latency == 0);
        REQUIRE(monitor.jobs_done > 1400);
    }
}

TEST_CASE("a monitor is dispatched soon among spinners of any weights") {
    for (uint32_t seed = 1; seed <= 200; seed++) {
        std::mt19937 random(seed);
        Simulation machine;
        double sum = 0;
        for (uint32_t i = 1 + random() % 12; i > 0; i--) sum += machine.spinner(1 + random() % 1000).weight;
        for (uint32_t i = random() % 4; i > 0; i--) {
            sum += machine.sleeper(1 + random() % 1000, random() % ms + 1, random() % ms).weight;
        }
        Task& monitor = machine.sleeper(1000, 50 * us, 2 * ms);
        machine.run(3 * second);
        // All with an earlier deadline: at most their weight's part of the monitor's slice, and a slice each.
        uint64_t bound = static_cast<uint64_t>(sum / 1000 * ms) + 2 * ms;
        if (monitor.worst_latency > bound) FAIL("seed " << seed << " " << monitor.worst_latency);
    }
}

TEST_CASE("nobody starves: the lightest among heavy spinners and sleepers, under full reservations") {
    for (uint32_t seed = 1; seed <= 100; seed++) {
        std::mt19937 random(seed);
        Simulation machine;
        REQUIRE(machine.periodic(9 * ms, 10 * ms) != nullptr);
        Task& light = machine.spinner(10);
        double sum = 10;
        for (uint32_t i = 1 + random() % 5; i > 0; i--) sum += machine.spinner(100 + random() % 900).weight;
        for (uint32_t i = random() % 5; i > 0; i--) {
            sum += machine.sleeper(100 + random() % 900, random() % (2 * ms) + 1, random() % ms).weight;
        }
        machine.run(60 * second);
        if (light.cpu_time < 0.9 * 60e9 * 0.1 * 10 / sum - 2e6) FAIL("seed " << seed);
    }
}

TEST_CASE("yielding lets the others run, and alone costs nothing") {
    Simulation machine;
    Task& polite = machine.spinner(100);
    Task& spinner = machine.spinner(100);
    for (int i = 0; i < 1000; i++) {
        cpudriver::Schedulable* task = machine.scheduler.pick(machine.now);
        uint64_t elapsed = task == &polite ? 10 * us : 1 * ms;
        machine.now += elapsed;
        machine.scheduler.charge(*task, elapsed, machine.now);
        if (task == &polite) machine.scheduler.yield(polite, machine.now);
    }
    REQUIRE(polite.cpu_time >= 4'990 * us);
    REQUIRE(spinner.cpu_time >= 499 * ms);
    machine.scheduler.block(spinner, machine.now);
    machine.scheduler.yield(polite, machine.now);
    REQUIRE(machine.scheduler.pick(machine.now) == &polite);
}
