#include <catch2/catch.hpp>

#include "test/unit/group/world.hpp"

using namespace skerry::urpc::group;
using namespace skerry::urpc::group::test;
using namespace skerry::urpc;
using skerry::base::Error;

namespace {

// Everybody finds out by polling; nobody waits for ever.
void spread(World& world) {
    for (int i = 0; i < 2000; ++i) world.round();
}
void all_ended(World& world, Error reason, uint16_t culprit) {
    spread(world);
    for (uint16_t i = 0; i < world.plan.members; ++i) {
        INFO("member " << i);
        CHECK(world.group(i).reason() == reason);
        CHECK(world.group(i).culprit() == Member{culprit});
        CHECK(world.work(i).ends == 1);
        CHECK(world.work(i).culprit == Member{culprit});
        CHECK(world.group(i).finished());
    }
    CHECK(world.root().begin({}).error() == Error::closed);
}
Header first_answer(uint16_t id) {
    Header header;
    header.epoch = 1;
    header.opcode = 2;
    header.first = true;
    header.id = id;
    return header;
}
Line& line_up(World& world, uint16_t child, uint32_t index) {
    return world.view(world.layout.up(Member{child})).lines[index];
}
Line& line_down(World& world, uint16_t child, uint32_t index) {
    return world.view(world.layout.down(Member{child})).lines[index];
}

}  // namespace

TEST_CASE("Whoever closes, all learn who and why, with operations under way or not") {
    Machine machine(4, 4);
    for (const Variant& variant : variants()) {
        for (uint16_t who : {0, 3, 4, 15}) {
            for (int under_way = 0; under_way < 2; ++under_way) {
                World world(machine.plan(variant.name));
                if (under_way) REQUIRE(world.root().begin({}).ok());
                world.group(who).close(Error::timed_out);
                all_ended(world, Error::timed_out, who);
                CHECK(world.root_work().done.empty());
            }
        }
    }
}

TEST_CASE("Operations that were complete stay so") {
    Machine machine(2, 2);
    World world(machine.plan("multicast"));
    REQUIRE(world.root().begin({}).ok());
    world.settle();
    world.group(3).close();
    all_ended(world, Error::closed, 3);
    CHECK(world.root_work().done.size() == 1);
}

TEST_CASE("An answer that is none closes the group, and names its writer") {
    Machine machine(2, 2);
    const Header good = first_answer(0);
    std::vector<Header> bad(8, good);
    bad[0].opcode = 1;
    bad[1].opcode = 0;
    bad[2].first = false;
    bad[3].left = 1;
    bad[4].control = true;
    bad[5].id = 9;
    bad[6].epoch = 7;
    bad[7].sequence = 5;
    for (const Header& header : bad) {
        World world(machine.plan("multicast"));
        REQUIRE(world.root().begin({}).ok());
        world.group(2).poll();
        line_up(world, 3, 0).header = header.word();
        for (int i = 0; i < 3; ++i) world.group(2).poll();
        CHECK(world.group(2).reason() == Error::corrupt);
        all_ended(world, Error::corrupt, 3);
    }
}

TEST_CASE("An order that is none does the same") {
    Machine machine(2, 2);
    World world(machine.plan("multicast"));
    line_down(world, 3, 0).header = 0x1234;
    all_ended(world, Error::corrupt, 2);
    World replayed(machine.plan("unicast"), 2);
    REQUIRE(replayed.root().begin({}).ok());
    replayed.settle();
    // The same line once more, where the next belongs.
    uint64_t old = line_down(replayed, 3, 0).header;
    line_down(replayed, 3, 1).header = old;
    all_ended(replayed, Error::corrupt, 0);
}

TEST_CASE("An answer that nobody asked for waits for its question, and is judged then") {
    Machine machine(2, 1);
    World world(machine.plan("unicast"));
    line_up(world, 1, 0).header = first_answer(77).word();
    spread(world);
    CHECK_FALSE(world.root().closed());
    REQUIRE(world.root().begin({}).ok());
    all_ended(world, Error::corrupt, 1);
}

TEST_CASE("A reason that is none is a breach of its own") {
    Machine machine(2, 1);
    World world(machine.plan("unicast"));
    world.state_up(1).reason = 0;
    world.state_up(1).state = StatusLine::closed;
    spread(world);
    CHECK(world.root().reason() == Error::corrupt);
    CHECK(world.root().culprit() == Member{1});
    World far(machine.plan("unicast"));
    far.state_up(1).reason = 1;
    far.state_up(1).culprit = 1 << 20;
    far.state_up(1).state = StatusLine::closed;
    spread(far);
    CHECK(far.root().reason() == Error::corrupt);
}

TEST_CASE("An owner that has waited long enough ends the group in the name of the one that is silent") {
    Machine machine(2, 2);
    World world(machine.plan("multicast"));
    REQUIRE(world.root().begin({}).ok());
    for (int i = 0; i < 5; ++i) {
        for (uint16_t who : {0, 1, 3}) world.group(who).poll();
    }
    REQUIRE(world.root().waiting_for() == Member{2});
    world.root().close(Error::timed_out, world.root().waiting_for());
    all_ended(world, Error::timed_out, 2);
}

TEST_CASE("Random garbage in every ring: no member misbehaves, all end") {
    Machine machine(4, 2);
    for (uint64_t seed = 1; seed <= 200; ++seed) {
        World world(machine.plan(seed % 2 ? "multicast" : "broadcast"));
        uint64_t state = seed * 0x9e37'79b9'7f4a'7c15;
        auto random = [&] { return state ^= state << 13, state ^= state >> 7, state ^= state << 17; };
        for (int i = 0; i < 50; ++i) {
            (void)world.root().begin({}).ok();
            auto victim = static_cast<uint16_t>(1 + random() % 7);
            Line& line = random() % 2 ? line_up(world, victim, random() % 4) : line_down(world, victim, random() % 4);
            line.header = random();
            world.round();
        }
        spread(world);
        CHECK(world.root().closed());
    }
}
