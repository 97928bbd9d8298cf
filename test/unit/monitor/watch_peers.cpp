// A call to another monitor waits: who says nothing meanwhile is told to the directory, which asks it.
#include <catch2/catch.hpp>

#include "monitor/operation/lose_core.hpp"
#include "test/unit/monitor/world.hpp"

using namespace skerry;
using namespace skerry::test;
using base::Error;
using base::Status;

namespace {

constexpr uint64_t second = 1'000'000'000;  // ns

urpc::Task<Status> ping(urpc::FramePool&, monitor::Peer& peer, Error* error) {
    urpc::intermonitor::Ping request{1};
    auto call = peer.link.call(request);
    auto pong = co_await call;
    *error = pong.error();
    co_return Status{};
}

struct Waiting : MonitorWorld {
    monitor::Monitor& m = *monitor;
    uint64_t time = m.now();
    Error error = Error::busy;

    bool watches() const { return m.watch_ends != 0; }
    bool rest() { return !monitor::begin_watch(m, time); }
    void call(monitor::Peer& to) { REQUIRE(urpc::spawn(m.background, ping(m.pool(), to, &error)).ok()); }
    void pass(uint64_t seconds) {
        time += seconds * second;
        if (watches()) monitor::end_watch(m, time);
        poll();
        (void)rest();
    }
    void poll() {
        while (m.loop.set().poll_all() != 0) {
        }
    }
    void other_answers() {
        while (other.set.poll_all() != 0) poll();
        poll();
    }
};

}  // namespace

TEST_CASE("a monitor that waits for nobody blocks without a watch", "[monitor]") {
    Waiting world;
    CHECK(world.m.rest());
    CHECK(world.m.due() == 0);
}

TEST_CASE("the directory asks a core again whose monitor does not answer a call", "[monitor]") {
    Waiting world;
    world.m.directory = world.here;
    world.m.cores.count = 2;
    monitor::CoreEntry& entry = world.m.cores.cores[world.there.value];
    entry.state = urpc::monitor::CoreState::online;

    world.call(world.peer);
    CHECK_FALSE(world.rest());  // first the clock
    CHECK(world.rest());
    world.pass(9);
    CHECK_FALSE(entry.asked_again);
    world.pass(2);
    CHECK(entry.asked_again);
    CHECK(entry.state == urpc::monitor::CoreState::online);

    // It was only slow.
    world.other_answers();
    CHECK(world.error == Error::none);
    CHECK_FALSE(entry.asked_again);
    world.pass(30);
    CHECK(world.m.rest());
    CHECK(world.m.due() == 0);
}

TEST_CASE("a monitor tells the directory who does not answer, and again", "[monitor]") {
    Waiting world;
    alignas(64) std::array<std::byte, monitor::Peer::ring_bytes> ring{};
    auto side = [&](urpc::Side side) { return urpc::ChannelLayout::of(ring.data(), ring.size(), side).value(); };
    const base::CoreId third{2};
    {
        monitor::Peer peer(world.m, third, side(urpc::Side::b));
        OtherMonitor other(side(urpc::Side::a));
        REQUIRE(world.m.peers.add(peer).ok());
        world.m.directory = world.there;

        world.call(peer);
        CHECK_FALSE(world.rest());
        world.pass(11);
        world.other_answers();
        REQUIRE(world.other.handler.silent.size() == 1);
        CHECK(world.other.handler.silent[0] == third);
        world.pass(11);
        world.other_answers();
        CHECK(world.other.handler.silent.size() == 2);

        // It says something, and is waited for again.
        while (other.set.poll_all() != 0) world.poll();
        CHECK(world.error == Error::none);
        world.call(peer);
        world.pass(11);
        world.other_answers();
        CHECK(world.other.handler.silent.size() == 2);
        while (other.set.poll_all() != 0) world.poll();
        world.pass(11);
        CHECK_FALSE(world.watches());
        world.m.peers.remove(peer);
        peer.link.close();
        other.link.close();
        other.set.poll_all();
        world.poll();
    }
}

TEST_CASE("a directory that is silent can be told to nobody", "[monitor]") {
    Waiting world;
    world.m.directory = world.there;
    world.call(world.peer);
    CHECK_FALSE(world.rest());
    world.pass(11);
    world.other_answers();
    CHECK(world.other.handler.silent.empty());
    CHECK(world.error == Error::none);
    world.pass(11);
    CHECK_FALSE(world.watches());
}

TEST_CASE("only a directory listens to who is silent, and only of cores that there are", "[monitor]") {
    Waiting world;
    world.m.cores.count = 2;
    monitor::CoreEntry& entry = world.m.cores.cores[world.there.value];
    entry.state = urpc::monitor::CoreState::online;
    world.m.directory = world.there;
    world.peer.handler(urpc::intermonitor::Silent{world.there});
    CHECK_FALSE(entry.asked_again);
    world.m.directory = world.here;
    world.peer.handler(urpc::intermonitor::Silent{world.here});
    world.peer.handler(urpc::intermonitor::Silent{base::CoreId{2}});
    world.peer.handler(urpc::intermonitor::Silent{base::CoreId{~0u}});
    CHECK_FALSE(entry.asked_again);
    world.peer.handler(urpc::intermonitor::Silent{world.there});
    CHECK(entry.asked_again);
    world.other_answers();
    CHECK_FALSE(entry.asked_again);
}
