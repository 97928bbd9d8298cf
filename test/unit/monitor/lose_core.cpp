// The core at the other end is fenced: what this monitor had with it is settled, and nobody waits for it.
#include "monitor/operation/lose_core.hpp"

#include <catch2/catch.hpp>

#include "monitor/operation/sharing.hpp"
#include "test/unit/monitor/world.hpp"

using namespace skerry;
using namespace skerry::test;
using base::Error;
using base::Status;
using capabilities::Rights;
using monitor::ChannelState;

namespace {

constexpr Capability frame{.type = Type::frame, .rights = Rights::all, .base = 0x200'0000, .size = 4096};

struct Losing : MonitorWorld {
    base::CoreId third{2};

    Losing() {
        monitor->directory = third;
        monitor->shared.sweeping = true;  // there is no memory service that a sweep could ask
    }
    ~Losing() { run(); }
    // The link lies in this object: it is not the monitor's to drop.
    void lose(base::CoreId core) {
        monitor::lose_core(*monitor, core);
        monitor->peers.remove(peer);
    }
    monitor::Exported& exported_to(base::CoreId holder) {
        monitor::Exported& record = *monitor->shared.exported.add(frame).value();
        record.anchor = runtime::Owned(filled(frame), self.slots);
        monitor::Turn turn(*monitor, record);
        record.sharing.begin_copy(holder);
        record.sharing.end_copy(true);
        return record;
    }
};

urpc::Task<Status> ping(urpc::FramePool&, monitor::Peer& peer, Error* error) {
    urpc::intermonitor::Ping request{1};
    auto call = peer.link.call(request);
    auto pong = co_await call;
    *error = pong.error();
    co_return Status{};
}

}  // namespace

TEST_CASE("who waits for a core that is lost is told so", "[monitor]") {
    Losing world;
    Error error = Error::none;
    REQUIRE(urpc::spawn(world.monitor->background, ping(world.monitor->pool(), world.peer, &error)).ok());
    monitor::EndNews there, elsewhere;
    there.domain = base::make_domain_id(world.there, 9);
    elsewhere.domain = base::make_domain_id(world.third, 9);
    world.monitor->end_news.push_back(there);
    world.monitor->end_news.push_back(elsewhere);
    world.run();
    CHECK(error == Error::none);
    world.lose(world.there);
    world.run();
    CHECK(error == Error::closed);
    CHECK(there.told);
    CHECK(there.ended.status != 0);
    CHECK(there.ended.reason.view() == "its core was lost");
    CHECK_FALSE(elsewhere.told);
    CHECK(world.monitor->peers.find(world.there) == nullptr);
    decltype(world.monitor->end_news)::remove(there);
    decltype(world.monitor->end_news)::remove(elsewhere);
}

TEST_CASE("a channel to a core that is lost closes, and its frame is taken away", "[monitor]") {
    Losing world;
    base::DomainId service = base::make_domain_id(world.here, 7);
    auto* lost = world.monitor->channels.add(service, base::make_domain_id(world.there, 9), false).value();
    auto* kept = world.monitor->channels.add(service, base::make_domain_id(world.third, 9), false).value();
    lost->state = kept->state = ChannelState::open;
    lost->frame = runtime::Owned(world.filled(frame), world.self.slots);
    runtime::CapRef services_own = world.filled(frame);
    world.lose(world.there);
    world.run();
    CHECK(world.monitor->channels.count() == 1);
    CHECK_FALSE(world.has(services_own));
    CHECK(kept->state == ChannelState::open);
    CHECK(world.other.handler.gone == 0);

    // One that was being opened meanwhile.
    auto* late = world.monitor->channels.add(service, base::make_domain_id(world.there, 10), false).value();
    late->state = ChannelState::open;
    world.run();
    CHECK(world.monitor->channels.count() == 1);
}

TEST_CASE("a core that is lost holds nothing, at once or when the turn ends", "[monitor]") {
    Losing world;
    monitor::Exported& record = world.exported_to(world.there);
    CHECK(world.monitor->shared.exported.count() == 1);
    {
        monitor::Turn turn(*world.monitor, record);
        world.lose(world.there);
        CHECK(record.sharing.holders().empty());
        CHECK(record.anchor);
    }
    CHECK(world.monitor->shared.exported.count() == 0);

    monitor::Exported& other = world.exported_to(world.third);
    monitor::lose_shared(*world.monitor, world.there);
    CHECK(world.monitor->shared.exported.count() == 1);
    monitor::lose_shared(*world.monitor, world.third);
    CHECK(world.monitor->shared.exported.count() == 0);
    CHECK_FALSE(other.anchor);
}

TEST_CASE("only the directory says that a core is lost", "[monitor]") {
    Losing world;
    world.peer.handler(urpc::intermonitor::CoreLost{world.third});
    CHECK(world.monitor->lost.empty());
    world.monitor->directory = world.there;
    world.peer.handler(urpc::intermonitor::CoreLost{world.here});  // not that we are
    CHECK(world.monitor->lost.empty());
    world.peer.handler(urpc::intermonitor::CoreLost{world.third});
    CHECK(world.monitor->lost.contains(world.third));
    world.monitor->shared.inheritance.untold = {};  // the directory that the test plays answers no calls
}
