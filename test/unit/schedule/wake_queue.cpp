#include "cpudriver/schedule/wake_queue.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>
#include <vector>

using namespace skerry::cpudriver;

TEST_CASE("wake-ups leave the queue in time order, one at a time") {
    WakeQueue queue;
    Schedulable a, b, c;
    REQUIRE(queue.next() == never);
    REQUIRE(queue.expire(never) == nullptr);
    queue.insert(a, 30);
    queue.insert(b, 10);
    queue.insert(c, 10);
    REQUIRE(queue.next() == 10);
    REQUIRE(queue.expire(9) == nullptr);
    REQUIRE(queue.expire(10) == &b);
    REQUIRE(queue.expire(10) == &c);
    REQUIRE(queue.expire(10) == nullptr);
    queue.insert(a, 5);  // a new time replaces the old one
    REQUIRE(queue.size() == 1);
    REQUIRE(queue.next() == 5);
    queue.remove(a);
    queue.remove(a);
    REQUIRE(queue.next() == never);
    REQUIRE_THROWS(queue.insert(a, never));
}

TEST_CASE("wake queue against a multimap") {
    std::mt19937 random(5);
    WakeQueue queue;
    std::vector<Schedulable> tasks(50);
    std::multimap<uint64_t, Schedulable*> model;
    auto forget = [&](Schedulable& task) { std::erase_if(model, [&](auto& entry) { return entry.second == &task; }); };
    uint64_t now = 0;
    for (int i = 0; i < 100'000; i++) {
        Schedulable& task = tasks[random() % tasks.size()];
        switch (random() % 3) {
            case 0: {
                uint64_t at = now + random() % 1000;
                forget(task);
                queue.insert(task, at);
                model.emplace(at, &task);
                break;
            }
            case 1:
                forget(task);
                queue.remove(task);
                break;
            default:
                now += random() % 20;
                while (Schedulable* woken = queue.expire(now)) {
                    REQUIRE(woken == model.begin()->second);
                    model.erase(model.begin());
                }
        }
        REQUIRE(queue.next() == (model.empty() ? never : model.begin()->first));
        REQUIRE(queue.size() == model.size());
    }
}
