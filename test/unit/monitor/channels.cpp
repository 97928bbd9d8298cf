// The end of a channel between cores, in each order in which the two monitors can hear of it.
#include "monitor/operation/channels.hpp"

#include <catch2/catch.hpp>

#include "test/unit/monitor/world.hpp"

using namespace skerry;
using namespace skerry::test;
using capabilities::Rights;
using monitor::Channel;
using monitor::ChannelState;

namespace {

constexpr Capability frame{.type = Type::frame, .rights = Rights::all, .base = 0x200'0000, .size = 4096};

// The service's end of an open channel, of which the service has a copy of the frame.
struct OpenChannel : MonitorWorld {
    base::DomainId service = base::make_domain_id(here, 7), client = base::make_domain_id(there, 9);
    Channel* channel = monitor->channels.add(service, client, false).value();
    uint64_t id = channel->id;
    runtime::CapRef services_own = filled(frame);

    OpenChannel() {
        channel->state = ChannelState::open;
        channel->peer_channel = 5;
        channel->frame = runtime::Owned(filled(frame), self.slots);
    }
    ~OpenChannel() { run(); }
};

}  // namespace

TEST_CASE("a channel that its service leaves takes nothing from who gets the memory next", "[monitor]") {
    OpenChannel world;
    REQUIRE(monitor::take_close(*world.monitor, world.service, world.id).ok());
    CHECK_FALSE(world.has(world.services_own));  // before the client's monitor hears of it
    world.run();
    CHECK(world.other.handler.gone == 0);

    // It answers, frees the memory, and offers a new channel of the same memory: in that order in the ring, but the
    // offer is served at once, while the answer only makes a coroutine ready.
    world.other.set.poll_all();
    CHECK(world.other.handler.gone == 1);
    runtime::CapRef next = world.filled(frame);
    world.run();
    CHECK(world.monitor->channels.count() == 0);
    CHECK(world.has(next));
}

TEST_CASE("a channel that both ends leave at once takes nothing from who gets the memory next", "[monitor]") {
    OpenChannel world;
    REQUIRE(monitor::take_close(*world.monitor, world.service, world.id).ok());
    auto answering = monitor::channel_gone(world.monitor->pool(), *world.monitor, {world.id});
    REQUIRE(urpc::spawn(world.monitor->background, std::move(answering)).ok());
    CHECK_FALSE(world.has(world.services_own));  // it is answered: the memory may go
    runtime::CapRef next = world.filled(frame);
    world.run();
    CHECK(world.monitor->channels.count() == 1);
    world.other.set.poll_all();
    world.run();
    CHECK(world.monitor->channels.count() == 0);
    CHECK(world.has(next));
}

TEST_CASE("a channel that its client leaves is taken from the service before that is answered", "[monitor]") {
    OpenChannel world;  // the service's domain is gone already: nobody is asked to let go
    auto answering = monitor::channel_gone(world.monitor->pool(), *world.monitor, {world.id});
    REQUIRE(urpc::spawn(world.monitor->background, std::move(answering)).ok());
    CHECK(world.monitor->background.live() == 0);
    CHECK_FALSE(world.has(world.services_own));
    CHECK(world.monitor->channels.count() == 0);
}
