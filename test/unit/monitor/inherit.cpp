// A core was lost: what is left of its memory gets another owner, who has to know every holder before anything goes on.
#include "monitor/operation/inherit.hpp"

#include <catch2/catch.hpp>

#include "monitor/operation/lose_core.hpp"
#include "test/unit/monitor/world.hpp"

using namespace skerry;
using namespace skerry::test;
using base::Error;
using base::Status;
using capabilities::Rights;
using urpc::intermonitor::Inherit;

namespace {

constexpr base::CoreId lost{2};
constexpr Capability frame{
    .type = Type::frame, .rights = Rights::all, .flags = capabilities::flag_foreign, .base = 0x200'0000, .size = 4096};

urpc::monitor::Word4 words(const Capability& cap) {
    return std::bit_cast<urpc::monitor::Word4>(cap);
}

struct Inheriting : MonitorWorld {
    Inheriting() {
        monitor->shared.sweeping = true;  // there is no memory service that a sweep could ask
        monitor->cores.count = 3;
        monitor->cores.cores[lost.value].memory_base = 0x200'0000;
        monitor->cores.cores[lost.value].memory_bytes = 0x10'0000;
        monitor::Imported& record = *monitor->shared.imported.add(frame).value();
        record.owner = lost;
        record.anchor = runtime::Owned(filled(frame), self.slots);
    }
    ~Inheriting() { run(); }
    monitor::Imported& held() { return *monitor->shared.imported.find(frame); }
    monitor::Inheritance& inheritance() { return monitor->shared.inheritance; }
};

struct Heir : Inheriting {
    Heir() {
        monitor->directory = here;
        monitor::lose_core(*monitor, lost);
        monitor::CoreSet tellers;
        tellers.add(there);
        monitor::expect_told(*monitor, lost, tellers);
    }
    Error told(const Capability& object, base::CoreId of = lost) {
        return monitor::take_over(*monitor, there, Inherit{of, words(object)}).error();
    }
    Error told_all() { return monitor::take_over(*monitor, there, Inherit{lost, {}}).error(); }
};

urpc::Task<Status> wait_settled(urpc::FramePool& pool, monitor::Monitor& m, Capability object, Error* error) {
    *error = Error::busy;
    auto waiting = monitor::await_settled(pool, m, object);
    Status settled = co_await waiting;
    *error = settled.error();
    co_return Status{};
}

}  // namespace

TEST_CASE("the heir waits until all have told what they hold, and keeps its anchors until then", "[monitor]") {
    Heir heir;
    CHECK(monitor::inherits(*heir.monitor, frame));
    Capability travelled = frame;
    travelled.flags = 0;
    CHECK(monitor::inherits(*heir.monitor, travelled));
    Capability elsewhere = frame;
    elsewhere.base = 0x300'0000;
    CHECK_FALSE(monitor::inherits(*heir.monitor, elsewhere));
    CHECK(monitor::owned_elsewhere(*heir.monitor, elsewhere));

    Error waited = Error::none;
    auto waiting = wait_settled(heir.monitor->pool(), *heir.monitor, frame, &waited);
    REQUIRE(urpc::spawn(heir.monitor->background, std::move(waiting)).ok());
    heir.run();
    CHECK(waited == Error::busy);
    CHECK(heir.held().anchor);

    monitor::Exported& record = *heir.monitor->shared.exported.add(frame).value();
    record.anchor = runtime::Owned(heir.filled(frame), heir.self.slots);
    CHECK(heir.told(frame) == Error::none);
    CHECK(record.sharing.holders().contains(MonitorWorld::there));
    CHECK(waited == Error::busy);
    CHECK(heir.told_all() == Error::none);
    heir.run();
    CHECK(waited == Error::none);
    CHECK(heir.monitor->shared.imported.count() == 0);
    CHECK(heir.told_all() == Error::refused);  // nothing more is expected of it
    record.anchor.reset();
}

TEST_CASE("the heir believes nobody who need not tell, and nothing of other memory", "[monitor]") {
    Heir heir;
    Capability outside = frame;
    outside.base = 0x20f'f000;
    outside.size = 8192;
    CHECK(heir.told(outside) == Error::refused);
    CHECK(heir.told(frame, base::CoreId{0}) == Error::refused);
    auto other = monitor::take_over(*heir.monitor, base::CoreId{7}, Inherit{lost, words(frame)});
    CHECK(other.error() == Error::refused);
    CHECK(heir.monitor->shared.exported.count() == 0);
    CHECK_FALSE(heir.inheritance().settled());
}

TEST_CASE("who is lost as well is not waited for", "[monitor]") {
    Heir heir;
    monitor::expect_no_more(*heir.monitor, MonitorWorld::there);
    CHECK(heir.inheritance().settled());
}

TEST_CASE("memory for which the heir has no room has no owner", "[monitor]") {
    Heir heir;
    while (heir.monitor->shared.exported.count() < monitor::SharedObjects::capacity) {
        Capability object = frame;
        object.base = 0x400'0000 + uint64_t{heir.monitor->shared.exported.count()} * 4096;
        REQUIRE(heir.monitor->shared.exported.add(object).ok());
    }
    CHECK(heir.told(frame) == Error::refused);
    CHECK(heir.told_all() == Error::none);
    Error waited = Error::none;
    auto waiting = wait_settled(heir.monitor->pool(), *heir.monitor, frame, &waited);
    REQUIRE(urpc::spawn(heir.monitor->background, std::move(waiting)).ok());
    heir.run();
    CHECK(waited == Error::closed);
    CHECK(heir.held().anchor);  // what we hold of it stays with its anchor
}

TEST_CASE("a holder tells the heir what it holds, once", "[monitor]") {
    Inheriting holder;
    holder.monitor->directory = MonitorWorld::there;
    monitor::lose_core(*holder.monitor, lost);
    CHECK(monitor::undecided(*holder.monitor, lost));
    monitor::begin_telling(*holder.monitor);
    monitor::begin_telling(*holder.monitor);
    for (int i = 0; i < 4; ++i) {
        holder.run();
        holder.other.set.poll_all();
    }
    CHECK(holder.other.handler.inherited == std::vector<uint64_t>{frame.base, 0});
    CHECK(holder.held().owner == MonitorWorld::there);
    CHECK_FALSE(monitor::undecided(*holder.monitor, lost));
}

TEST_CASE("what the heir does not take stays without an owner", "[monitor]") {
    Inheriting holder;
    holder.monitor->directory = MonitorWorld::there;
    holder.other.handler.refuses = true;
    monitor::lose_core(*holder.monitor, lost);
    monitor::begin_telling(*holder.monitor);
    for (int i = 0; i < 4; ++i) {
        holder.run();
        holder.other.set.poll_all();
    }
    CHECK(holder.held().owner == lost);
    CHECK_FALSE(monitor::undecided(*holder.monitor, lost));
}
