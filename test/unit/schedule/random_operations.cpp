// A million random operations, checked against plain lists.
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "test/unit/schedule/simulation.hpp"

using namespace skerry;
using namespace skerry::test;
using cpudriver::RunState;
using cpudriver::Schedulable;
using cpudriver::Scheduler;
using cpudriver::Service;

namespace {

struct Fuzz {
    std::mt19937 random{20031};
    Scheduler scheduler;
    std::vector<Schedulable> tasks = std::vector<Schedulable>(64);
    uint64_t now = 0;

    uint64_t below(uint64_t limit) { return random() % limit; }

    void operate() {
        Schedulable& task = tasks[below(tasks.size())];
        if (below(3) == 0) now += below(20) == 0 ? below(3 * second) : below(2 * ms);
        switch (below(12)) {
            case 0:
                (void)scheduler.add_best_effort(task, below(1100), now).ok();
                break;
            case 1: {
                uint64_t period = below(50) * ms + 1;
                (void)scheduler.reserve_hard(task, period / (1 + below(40)), period, now).ok();
                break;
            }
            case 2:
                if (below(4) == 0) scheduler.remove(task, now);
                break;
            case 3:
            case 4:
                scheduler.block(task, now);
                break;
            case 5:
                scheduler.yield(task, now);
                break;
            case 6:
            case 7:
            case 8:
                scheduler.make_ready(task, now);
                break;
            default:
                run();
        }
    }
    void run() {
        Schedulable* task = scheduler.pick(now);
        uint64_t timer = scheduler.timer_deadline(now);
        uint64_t until = std::min(timer, now + below(3 * ms));
        uint64_t elapsed = until - now;
        now = until;
        if (task) scheduler.charge(*task, elapsed, now);
    }
    bool settled() const { return scheduler.timer_deadline(now) > now; }

    // What pick() must say, found by looking at every task.
    void check() {
        do {
            (void)scheduler.pick(now);
        } while (!settled());
        Schedulable* chosen = scheduler.pick(now);
        const Schedulable *hard = nullptr, *best = nullptr;
        uint64_t rate = 0;
        for (const Schedulable& task : tasks) {
            bool is_hard = task.service == Service::hard;
            if (is_hard) rate += task.rate;
            if (task.state != RunState::ready) continue;
            if (is_hard ? task.budget_left == 0 || task.deadline <= now : task.slice_left == 0) FAIL("spent");
            const Schedulable*& first = is_hard ? hard : best;
            uint64_t Schedulable::*key = is_hard ? &Schedulable::deadline : &Schedulable::virtual_deadline;
            if (first == nullptr || task.*key < first->*key) first = &task;
        }
        if (rate != scheduler.hard_rate() || rate > cpudriver::hard_limit) FAIL("rate " << rate);
        if ((chosen == nullptr) != (hard == nullptr && best == nullptr)) FAIL("pick");
        if (chosen == nullptr) return;
        bool agreed = chosen->service == Service::hard
                          ? hard != nullptr && chosen->deadline == hard->deadline
                          : best != nullptr && chosen->virtual_deadline == best->virtual_deadline;
        if (!agreed) FAIL("not the earliest");
    }
};

}  // namespace

TEST_CASE("a million random operations keep the queues consistent") {
    Fuzz fuzz;
    for (int i = 0; i < 1'000'000; i++) {
        fuzz.operate();
        if (i % 16 == 0) fuzz.check();
    }
    uint64_t time = 0;
    for (auto& task : fuzz.tasks) time += task.cpu_time;
    REQUIRE(time > 0);
    REQUIRE(time <= fuzz.now);
    for (auto& task : fuzz.tasks) fuzz.scheduler.remove(task, fuzz.now);
    REQUIRE(fuzz.scheduler.pick(fuzz.now) == nullptr);
    REQUIRE(fuzz.scheduler.hard_rate() == 0);
}
