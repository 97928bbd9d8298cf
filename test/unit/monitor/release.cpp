// A holder asks to be let go: what the owner says then is about what was there when it was asked, not about what came since.
#include <catch2/catch.hpp>

#include "monitor/operation/sharing.hpp"
#include "test/unit/monitor/world.hpp"

using namespace skerry;
using namespace skerry::test;
using base::Status;
using capabilities::Rights;

namespace {

constexpr Capability frame{
    .type = Type::frame, .rights = Rights::all, .flags = capabilities::flag_foreign, .base = 0x200'0000, .size = 4096};

// Core 1 holds a frame of core 0's, of which only the anchor is left, and has asked to be let go. (The model kernel knows of no
// relations; a record whose anchor was taken has none, either.)
struct Releasing : MonitorWorld {
    Releasing() {
        monitor::Imported& record = held_again();
        auto task = monitor::release_one(monitor->pool(), *monitor, there, frame, record.arrival);
        REQUIRE(urpc::spawn(monitor->background, std::move(task)).ok());
        run();
        CHECK(other.handler.released == 0);
        CHECK(held() != nullptr);
    }
    ~Releasing() { run(); }
    monitor::Imported* held() { return monitor->shared.imported.find(frame); }
    monitor::Imported& held_again() { return *monitor::add_imported(*monitor, frame, there).value(); }
    void let_go() { monitor::drop_imported(*monitor, *held()); }  // as the owner orders before it answers
    void answered() {
        other.set.poll_all();
        run();
        CHECK(other.handler.released == 1);
    }
};

}  // namespace

TEST_CASE("an owner that knows of no copy here: the record goes", "[monitor]") {
    Releasing world;
    world.answered();
    CHECK(world.held() == nullptr);
}

TEST_CASE("a copy that came before the owner's answer stays in the book", "[monitor]") {
    Releasing world;
    world.let_go();
    monitor::Imported& again = world.held_again();
    world.answered();
    REQUIRE(world.held() == &again);
    world.let_go();
}

TEST_CASE("a late answer finds nothing to forget", "[monitor]") {
    Releasing world;
    world.let_go();
    world.answered();
    CHECK(world.held() == nullptr);
    CHECK_FALSE(monitor::forget_arrival(*world.monitor, frame, 1));
}
