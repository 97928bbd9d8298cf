#include <catch2/catch.hpp>

#include "test/unit/group/world.hpp"

using namespace skerry::urpc::group;
using namespace skerry::urpc::group::test;
using skerry::base::Error;

TEST_CASE("An operation reaches everybody once; answers come back merged, in order") {
    Machine machine(4, 4);
    for (const Variant& variant : variants()) {
        World world(machine.plan(variant.name));
        for (uint64_t i = 0; i < 3000; ++i) {  // several laps of every epoch
            REQUIRE(world.root().begin({0, i}).value() == i);
            world.settle();
            REQUIRE(world.root_work().done.size() == i + 1);
            REQUIRE(world.root_work().answers.back()[0] == 16);
        }
        for (uint16_t i = 0; i < 16; ++i) {
            REQUIRE(world.work(i).performed.size() == 3000);
            CHECK(world.work(i).performed.back() == 2999);
            CHECK(world.group(i).completed() == 3000);
        }
    }
}

TEST_CASE("The window bounds what is under way") {
    Machine machine(2, 2);
    for (uint32_t window : {2u, 3u, 16u}) {
        World world(machine.plan("multicast"), window);
        for (uint32_t i = 0; i < window; ++i) REQUIRE(world.root().begin({0, i}).ok());
        CHECK(world.root().full());
        CHECK(world.root().begin({}).error() == Error::full);
        CHECK(world.root_work().performed.size() == window);  // the refused one was not begun
        world.settle();
        CHECK(world.root_work().done.size() == window);
        CHECK(world.root().begin({}).ok());
    }
}

TEST_CASE("Several operations under way, members polled in any order") {
    Machine machine(4, 4);
    for (const Variant& variant : variants()) {
        World world(machine.plan(variant.name), 5);
        uint32_t seed = 7, begun = 0;
        while (world.root_work().done.size() < 500) {
            seed = seed * 1664525 + 1013904223;
            auto who = static_cast<uint16_t>(seed >> 24 & 15);
            if (begun < 500 && world.root().begin({0, begun}).ok()) ++begun;
            world.group(who).poll();
        }
        for (uint64_t i = 0; i < 500; ++i) {
            CHECK(world.root_work().done[i] == i);
            CHECK(world.root_work().answers[i][0] == 16);
            CHECK(world.root_work().answers[i][1] == i);
        }
        for (uint16_t i = 0; i < 16; ++i) CHECK(world.work(i).performed.back() == 499);
    }
}

TEST_CASE("A slow member delays its operations; the others have done theirs") {
    Machine machine(2, 2);
    World world(machine.plan("multicast"));
    REQUIRE(world.root().begin({0, 1}).ok());
    REQUIRE(world.root().begin({0, 2}).ok());
    for (int i = 0; i < 10; ++i) {
        for (uint16_t who : {0, 1, 2}) world.group(who).poll();
    }
    CHECK(world.root_work().done.empty());
    CHECK(world.work(1).performed.size() == 2);
    CHECK(world.root().waiting_for() == Member{2});  // which waits for
    CHECK(world.group(2).waiting_for() == Member{3});
    CHECK(world.group(1).waiting_for() == Member{1});
    CHECK_FALSE(world.root().closed());
    world.settle();
    CHECK(world.root_work().done.size() == 2);
    CHECK(world.root().waiting_for() == Member{0});
}

TEST_CASE("A member may answer later, and out of turn") {
    Machine machine(2, 1);
    World world(machine.plan("unicast"));
    world.work(1).defers = true;
    for (uint64_t i = 0; i < 3; ++i) REQUIRE(world.root().begin({}).ok());
    world.settle();
    CHECK(world.root_work().done.empty());
    world.group(1).finish(2, {100, 2});
    world.group(1).finish(1, {10, 1});
    world.settle();
    CHECK(world.root_work().done.empty());  // in order: the first is still missing
    world.group(1).finish(0, {1, 0});
    world.settle();
    REQUIRE(world.root_work().done.size() == 3);
    CHECK(world.root_work().answers[0][0] == 2);
    CHECK(world.root_work().answers[1][0] == 11);
    CHECK(world.root_work().answers[2][0] == 101);
}

TEST_CASE("The root may answer later, too, and a group may have one member") {
    Machine machine(1, 1);
    World world(machine.plan("unicast"));
    REQUIRE(world.root().begin({}).ok());
    CHECK(world.root_work().done.size() == 1);
    world.root_work().defers = true;
    REQUIRE(world.root().begin({}).ok());
    CHECK(world.root_work().done.size() == 1);
    world.root().finish(1, {5, 1});
    CHECK(world.root_work().answers.back()[0] == 5);
}

TEST_CASE("One line down and one up an edge and operation, and nothing else is written") {
    Machine machine(4, 4);
    for (std::string_view name : {"unicast", "multicast", "numa_multicast", "tree"}) {
        World world(machine.plan(name));
        for (int i = 0; i < 10; ++i) {
            REQUIRE(world.root().begin({}).ok());
            world.settle();
        }
        uint64_t lines = 0;
        for (uint16_t i = 0; i < 16; ++i) lines += world.group(i).lines_sent();
        CHECK(lines == 10 * 30);
        for (uint16_t i = 1; i < 16; ++i) CHECK(world.state_down(i).state == 0);
        for (uint16_t i = 1; i < 16; ++i) CHECK(world.state_up(i).state == 0);
    }
}

TEST_CASE("arrived() says whether poll() would take something") {
    Machine machine(2, 2);
    World world(machine.plan("multicast"), 2);
    auto there = [&](uint16_t who) { return world.group(who).arrived(); };
    CHECK_FALSE(there(0));
    REQUIRE(world.root().begin({}).ok());
    CHECK_FALSE(there(0));
    CHECK(there(2));
    CHECK_FALSE(there(3));
    world.group(2).poll();
    CHECK(there(3));
    CHECK_FALSE(there(2));
    world.group(3).poll();
    CHECK(there(2));
    CHECK(world.group(2).poll() == 1);
    // The root's own neighbour has nobody below: its answer is taken first.
    CHECK(world.root().waiting_for() == Member{1});
    CHECK_FALSE(there(0));
    world.group(1).poll();
    CHECK(there(0));
    CHECK(world.root().poll() == 2);
    world.settle();
    for (uint16_t who : {0, 1, 2, 3}) CHECK_FALSE(there(who));
}

TEST_CASE("The layout keeps rings apart, and says who needs whose memory") {
    Machine machine(4, 4);
    for (const Variant& variant : variants()) {
        Plan plan = machine.plan(variant.name);
        Tree tree = Tree::from(plan).value();
        Layout layout(plan, tree, 4);
        uint64_t bytes = 0;
        for (uint16_t i = 0; i < 16; ++i) bytes += layout.bytes(Member{i});
        CHECK(bytes == ring_bytes(4) * (plan.means == Means::shared_line ? 16 : 30));
        CHECK((layout.bytes(Member{5}) == 0) == (plan.means != Means::interrupt));  // whose lines lie at the members
        CHECK_FALSE(layout.uses(tree, Member{5}, Member{12}));
        for (uint16_t i = 1; i < 16; ++i) CHECK(layout.uses(tree, Member{i}, layout.up(Member{i}).at));
    }
}
