#include "monitor/timers.hpp"

#include <catch2/catch.hpp>

#include "urpc/task.hpp"

using namespace skerry;
using namespace skerry::monitor;
using base::Status;

namespace {

struct Fixture {
    urpc::ReadyQueue ready;
    urpc::StaticFramePool<512, 16> pool;
    urpc::Scope scope{ready, 16};
    Timers timers{ready};
    Signal signal, other;
    std::vector<int> log;
};

urpc::Task<Status> waiter(urpc::FramePool&, Fixture& f, Signal& signal, uint64_t deadline, int mark) {
    auto wait = f.timers.wait(signal, deadline);
    bool signalled = co_await wait;
    f.log.push_back(signalled ? mark : -mark);
    co_return Status{};
}
urpc::Task<Status> sleeper(urpc::FramePool&, Fixture& f, uint64_t deadline, int mark) {
    auto wait = f.timers.sleep(deadline);
    co_await wait;
    f.log.push_back(mark);
    co_return Status{};
}

}  // namespace

TEST_CASE("a coroutine continues at its signal or its deadline, once", "[monitor]") {
    Fixture f;
    REQUIRE(urpc::spawn(f.scope, waiter(f.pool.pool(), f, f.signal, 100, 1)).ok());
    REQUIRE(urpc::spawn(f.scope, waiter(f.pool.pool(), f, f.signal, 50, 2)).ok());
    REQUIRE(urpc::spawn(f.scope, waiter(f.pool.pool(), f, f.other, 0, 3)).ok());
    REQUIRE(urpc::spawn(f.scope, sleeper(f.pool.pool(), f, 70, 4)).ok());
    CHECK(f.timers.next() == 50);
    CHECK(f.timers.expire(49) == 0);
    CHECK(f.timers.expire(50) == 1);
    CHECK(f.timers.next() == 70);
    f.signal.set();  // the one that has expired is not woken again
    f.ready.run();
    CHECK(f.log == std::vector<int>{-2, 1});
    CHECK(f.timers.expire(1000) == 1);
    f.ready.run();
    CHECK(f.log.back() == 4);
    CHECK(f.timers.next() == 0);
    CHECK(f.scope.live() == 1);
    f.other.set();
    f.ready.run();
    CHECK(f.log.back() == 3);
    CHECK(f.scope.live() == 0);
}

TEST_CASE("who begins to wait while others are woken waits for the next time", "[monitor]") {
    Fixture f;
    auto twice = [](urpc::FramePool&, Fixture& g) -> urpc::Task<Status> {
        for (int i = 1; i <= 2; ++i) {
            auto wait = g.timers.wait(g.signal, 0);
            co_await wait;
            g.log.push_back(i);
        }
        co_return Status{};
    };
    REQUIRE(urpc::spawn(f.scope, twice(f.pool.pool(), f)).ok());
    f.signal.set();
    f.ready.run();
    CHECK(f.log == std::vector<int>{1});
    f.signal.set();
    f.ready.run();
    CHECK(f.log == std::vector<int>{1, 2});
}
