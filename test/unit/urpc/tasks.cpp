#include "urpc/task.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace skerry::urpc;
using skerry::base::Error;
using skerry::base::Result;
using skerry::base::Status;

namespace {
struct Alive {  // counts objects, to find what is destroyed twice or never
    static inline int count = 0;
    Alive() { ++count; }
    Alive(const Alive&) { ++count; }
    ~Alive() { --count; }
};

Task<Result<int>> child(FramePool&, Event& event, int value, Alive) {
    Alive local;
    auto wait = event.wait();
    co_await wait;
    co_return value + 1;
}
Task<Status> sum(FramePool& pool, Event& event, int& out) {
    for (int i = 0; i < 3; ++i) {
        auto task = child(pool, event, i, Alive());
        auto result = co_await task;
        if (!result.ok()) co_return result.error();
        out += *result;
    }
    co_return Status{};
}
Task<Status> nest(FramePool& pool, Event& event, int depth) {
    if (depth == 0) {
        auto wait = event.wait();
        co_await wait;
        co_return Status{};
    }
    auto task = nest(pool, event, depth - 1);
    Status status = co_await task;
    co_return status;
}
Task<Status> keep(FramePool& pool, Event& event, int depth, Status& out) {
    auto task = nest(pool, event, depth);
    out = co_await task;
    co_return out;
}
Task<Status> ready_at_once(FramePool&) {
    co_return Status{};
}
Task<Status> many(FramePool& pool, int count) {
    for (int i = 0; i < count; ++i) {
        auto task = ready_at_once(pool);
        Status status = co_await task;
        if (!status.ok()) co_return status;
    }
    co_return Status{};
}
Task<Status> join(FramePool&, Scope& scope, bool& done) {
    auto joined = scope.joined();
    co_await joined;
    done = true;
    co_return Status{};
}
}  // namespace

TEST_CASE("tasks suspend, resume and give back their frames", "[urpc]") {
    ReadyQueue ready;
    Event event(ready);
    StaticFramePool<512, 8> pool;
    Scope scope(ready, 8);
    int out = 0;
    REQUIRE(spawn(scope, sum(pool, event, out)).ok());
    REQUIRE(scope.live() == 1);
    REQUIRE(Alive::count == 2);
    REQUIRE(ready.run() == 0);
    event.set();
    REQUIRE(out == 0);  // setting resumes nobody by itself
    REQUIRE(ready.run() == 1);
    REQUIRE(out == 6);
    REQUIRE(scope.live() == 0);
    REQUIRE(Alive::count == 0);
    REQUIRE(pool.pool().in_use() == 0);
    SECTION("a task that is never awaited frees its frame, too") {
        { auto task = child(pool, event, 1, Alive()); }
        REQUIRE(Alive::count == 0);
        REQUIRE(pool.pool().in_use() == 0);
    }
}

TEST_CASE("no frame left is an error of the task, not the end", "[urpc]") {
    ReadyQueue ready;
    Event event(ready);
    StaticFramePool<512, 4> pool;
    Scope scope(ready, 8);
    Status out = Error::busy;
    SECTION("in a child, deep down") {
        REQUIRE(spawn(scope, keep(pool, event, 3, out)).ok());  // keep and four of nest
        REQUIRE(out.error() == Error::no_memory);
        REQUIRE(scope.live() == 0);
    }
    SECTION("just enough") {
        REQUIRE(spawn(scope, keep(pool, event, 2, out)).ok());
        REQUIRE(scope.live() == 1);
        REQUIRE(spawn(scope, ready_at_once(pool)).error() == Error::no_memory);
        event.set();
        ready.run();
        REQUIRE(out.ok());
    }
    SECTION("a frame larger than a block") {
        StaticFramePool<64, 4> small;
        REQUIRE(spawn(scope, ready_at_once(small)).error() == Error::no_memory);
        REQUIRE(small.pool().largest_asked() > 64);
    }
    REQUIRE(pool.pool().in_use() == 0);
}

TEST_CASE("a scope counts, limits and can be joined", "[urpc]") {
    ReadyQueue ready;
    Event event(ready);
    StaticFramePool<512, 8> pool;
    Scope scope(ready, 2), other(ready, 1);
    REQUIRE(spawn(scope, nest(pool, event, 0)).ok());
    REQUIRE(spawn(scope, nest(pool, event, 1)).ok());
    REQUIRE(scope.full());
    REQUIRE(spawn(scope, nest(pool, event, 0)).error() == Error::full);
    bool done = false;
    REQUIRE(spawn(other, join(pool, scope, done)).ok());
    REQUIRE(!done);
    event.set();
    while (ready.run() != 0) {
    }
    REQUIRE(done);
    REQUIRE(pool.pool().in_use() == 0);
}

TEST_CASE("children that end at once do not grow the stack", "[urpc]") {
    ReadyQueue ready;
    StaticFramePool<512, 2> pool;
    Scope scope(ready, 1);
    REQUIRE(spawn(scope, many(pool, 200000)).ok());
    REQUIRE(scope.live() == 0);
    REQUIRE(pool.pool().most_in_use() == 2);
}

TEST_CASE("lambdas are coroutines, too", "[urpc]") {
    ReadyQueue ready;
    StaticFramePool<512, 2> pool;
    Scope scope(ready, 1);
    int out = 0;
    auto set = [&out](FramePool&, int value) -> Task<Status> {
        out = value;
        co_return Status{};
    };
    REQUIRE(spawn(scope, set(pool, 5)).ok());
    REQUIRE(out == 5);
}

TEST_CASE("waiters are resumed in the order in which they came", "[urpc]") {
    ReadyQueue ready;
    WaitList list(ready);
    StaticFramePool<512, 4> pool;
    Scope scope(ready, 4);
    std::string order;
    auto waiter = [&](FramePool&, char name) -> Task<Status> {
        auto wait = list.wait();
        co_await wait;
        order += name;
        co_return Status{};
    };
    for (char name : {'a', 'b', 'c'}) REQUIRE(spawn(scope, waiter(pool, name)).ok());
    REQUIRE(list.wake_one());
    ready.run();
    REQUIRE(order == "a");
    list.wake_all();
    REQUIRE(ready.run(1) == 1);
    REQUIRE(order == "ab");
    REQUIRE(ready.run() == 1);
    REQUIRE(order == "abc");
    REQUIRE(!list.wake_one());
}
