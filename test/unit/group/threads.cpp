// Every member a thread: real cache lines, real races.
#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

#include "test/unit/group/world.hpp"

using namespace skerry::urpc::group;
using namespace skerry::urpc::group::test;

TEST_CASE("A thousand operations through members on threads") {
    Machine machine(2, 2);
    for (const Variant& variant : variants()) {
        World world(machine.plan(variant.name));
        std::atomic<bool> over{false};
        std::vector<std::thread> threads;
        for (uint16_t i = 1; i < 4; ++i) {
            threads.emplace_back([&world, &over, i] {
                while (!over) {
                    if (world.group(i).poll() == 0) std::this_thread::yield();
                }
            });
        }
        uint64_t begun = 0;
        while (world.root_work().done.size() < 1000) {
            if (begun < 1000 && world.root().begin({0, begun}).ok()) ++begun;
            if (world.root().poll() == 0) std::this_thread::yield();
        }
        over = true;
        for (auto& thread : threads) thread.join();
        for (uint64_t i = 0; i < 1000; ++i) {
            REQUIRE(world.root_work().done[i] == i);
            REQUIRE(world.root_work().answers[i][0] == 4);
        }
    }
}
