#include "urpc/call.hpp"

#include <sys/mman.h>

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "test/unit/urpc/pair.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;
using skerry::base::Result;

// Named, because the frames of the library's coroutines hold them.
namespace skerry::urpc::test::calls {
struct Pong {
    uint64_t value;
    String<200> text;
};
struct Ping {
    using Response = Pong;
    uint64_t value;
};
struct Slow {
    using Response = Pong;
    uint64_t value;
};
struct Log {
    String<300> text;
};
using Example = Protocol<Ping, Pong, Slow, Log>;
// Both sides serve and call: each request is passed back to where it came from, a number of times.
struct Bounce {
    using Response = Pong;
    uint64_t left;
};
using Both = Protocol<Bounce, Pong>;
}  // namespace skerry::urpc::test::calls
using namespace skerry::urpc::test::calls;

namespace {
constexpr uint64_t refused_value = 13;

// Ping is answered at once. Slow waits until its gate opens.
struct Handler {
    std::vector<std::unique_ptr<Event>> gates;
    size_t slow_started = 0;
    int logs = 0;
    explicit Handler(ReadyQueue& ready) {
        for (int i = 0; i < 64; ++i) gates.push_back(std::make_unique<Event>(ready));
    }
    Result<Pong> operator()(const Ping& ping) {
        if (ping.value == refused_value) return Error::refused;
        return Pong{ping.value + 1, "pong"};
    }
    Task<Result<Pong>> operator()(FramePool&, Slow slow) {
        ++slow_started;
        auto wait = gates[slow.value]->wait();
        co_await wait;
        co_return Pong{slow.value * 2, "a text that needs more than the one line that a short answer takes"};
    }
    void operator()(const Log&) { ++logs; }
};

struct World {
    Frame<> frame;
    CountingPoker poke_a, poke_b;
    PollSet set_a, set_b;
    StaticFramePool<2048, 64> pool_a;
    StaticFramePool<1024, 40> pool_b;
    Handler handler{set_b.ready()};
    Scope scope{set_a.ready(), 64};
    Caller<Example> caller{set_a, frame.layout(Side::a), poke_b};
    Server<Example, Handler> server{set_b, frame.layout(Side::b), poke_a, pool_b, handler};
    std::vector<uint64_t> finished;
    std::vector<Error> errors;

    bool step() { return set_a.poll_all() + set_b.poll_all() != 0; }
    void settle() {
        while (step()) {
        }
    }
    ~World() {
        caller.close();
        server.close();
        for (auto& gate : handler.gates) gate->set();
        for (int i = 0; i < 400; ++i) step();
        CHECK(scope.live() == 0);
        CHECK(pool_a.pool().in_use() == 0);
        CHECK(pool_b.pool().in_use() == 0);
    }
};

template <typename Request>
Task<Status> ask(FramePool&, World& world, uint64_t value) {
    auto call = world.caller.call(Request{value});
    auto result = co_await call;
    world.finished.push_back(value);
    world.errors.push_back(result.error());
    if (result.ok()) REQUIRE(result->value == (std::is_same_v<Request, Ping> ? value + 1 : value * 2));
    co_return Status{};
}
}  // namespace

TEST_CASE("a call comes back with its answer or its error", "[urpc]") {
    World world;
    REQUIRE(spawn(world.scope, ask<Ping>(world.pool_a, world, 1)).ok());
    REQUIRE(spawn(world.scope, ask<Ping>(world.pool_a, world, refused_value)).ok());
    world.settle();
    REQUIRE(world.finished == std::vector<uint64_t>{1, refused_value});
    REQUIRE(world.errors == std::vector<Error>{Error::none, Error::refused});
    REQUIRE(world.caller.channel().lines_sent() == 2);
    REQUIRE(world.caller.channel().lines_received() == 2);
}

TEST_CASE("calls in flight are answered out of order", "[urpc]") {
    World world;
    for (uint64_t i = 0; i < 4; ++i) REQUIRE(spawn(world.scope, ask<Slow>(world.pool_a, world, i)).ok());
    REQUIRE(spawn(world.scope, ask<Ping>(world.pool_a, world, 50)).ok());
    world.settle();
    REQUIRE(world.handler.slow_started == 4);
    for (uint64_t i : {2, 0, 3, 1}) {
        world.handler.gates[i]->set();
        world.settle();
    }
    REQUIRE(world.finished == std::vector<uint64_t>{50, 2, 0, 3, 1});
}

TEST_CASE("calls beyond the limit wait at the caller", "[urpc]") {
    World world;
    for (uint64_t i = 0; i < 30; ++i) REQUIRE(spawn(world.scope, ask<Slow>(world.pool_a, world, i)).ok());
    world.settle();
    REQUIRE(world.handler.slow_started == Connection::usual_calls);
    REQUIRE(world.caller.channel().lines_sent() == Connection::usual_calls);
    REQUIRE(world.set_a.prepare_to_block());
    world.set_a.cancel_block();
    for (auto& gate : world.handler.gates) gate->set();
    world.settle();
    REQUIRE(world.finished.size() == 30);
    REQUIRE(world.pool_b.pool().most_in_use() <= 2 * Connection::usual_calls);
}

TEST_CASE("a sender waits for credits and is resumed in turn", "[urpc]") {
    World world;
    auto chatter = [&](FramePool&, int count) -> Task<Status> {
        for (int i = 0; i < count; ++i) {
            Log log{String<300>::cut(std::string(static_cast<size_t>(i % 300), 'x'))};
            auto sending = world.caller.send(log);
            Status status = co_await sending;
            if (!status.ok()) co_return status;
        }
        co_return Status{};
    };
    REQUIRE(spawn(world.scope, chatter(world.pool_a, 500)).ok());
    REQUIRE(spawn(world.scope, chatter(world.pool_a, 500)).ok());
    REQUIRE(spawn(world.scope, ask<Ping>(world.pool_a, world, 3)).ok());
    REQUIRE(world.caller.try_send(Log{"x"}).error() == Error::full);
    REQUIRE(world.set_a.prepare_to_block());  // starved: it may sleep, and the server will poke it
    world.set_b.poll_all();
    REQUIRE(world.poke_a.count == 1);
    world.set_a.cancel_block();
    world.settle();
    REQUIRE(world.scope.live() == 0);
    REQUIRE(world.handler.logs == 1000);
    REQUIRE(world.caller.try_send(Log{"x"}).ok());
}

TEST_CASE("a server without frames answers with an error", "[urpc]") {
    World world;
    std::vector<void*> taken;
    while (void* frame = world.pool_b.pool().take(100)) taken.push_back(frame);
    REQUIRE(spawn(world.scope, ask<Slow>(world.pool_a, world, 1)).ok());
    world.settle();
    REQUIRE(world.errors == std::vector<Error>{Error::no_memory});
    // One frame: the handler has its own, the answer has none.
    FramePool::give(taken.back());
    taken.pop_back();
    REQUIRE(spawn(world.scope, ask<Slow>(world.pool_a, world, 2)).ok());
    world.settle();
    REQUIRE(world.errors == std::vector<Error>{Error::no_memory, Error::no_memory});
    for (void* frame : taken) FramePool::give(frame);
    REQUIRE(spawn(world.scope, ask<Ping>(world.pool_a, world, 3)).ok());
    world.settle();
    REQUIRE(world.errors.back() == Error::none);
}

TEST_CASE("a caller without frames gets an error from its task", "[urpc]") {
    World world;
    StaticFramePool<128, 1> small;
    REQUIRE(spawn(world.scope, ask<Ping>(small, world, 1)).error() == Error::no_memory);
}

TEST_CASE("closing resumes all who wait", "[urpc]") {
    World world;
    for (uint64_t i = 0; i < 12; ++i) REQUIRE(spawn(world.scope, ask<Slow>(world.pool_a, world, i)).ok());
    world.settle();
    SECTION("closed here") {
        world.caller.close();
    }
    SECTION("closed by the peer") {
        world.server.close();
    }
    for (int i = 0; i < 600; ++i) world.step();
    REQUIRE(world.errors == std::vector<Error>(12, Error::closed));
    REQUIRE(world.scope.live() == 0);
    REQUIRE(world.caller.finished());
    REQUIRE(world.set_a.empty());  // it has left the set
    REQUIRE(spawn(world.scope, ask<Ping>(world.pool_a, world, 1)).ok());
    REQUIRE(world.errors.back() == Error::closed);
    REQUIRE(!world.server.finished());  // its handlers still run
    for (auto& gate : world.handler.gates) gate->set();
    world.settle();
    REQUIRE(world.server.finished());
}

TEST_CASE("once closed, the frame is not looked at: it may be taken away while handlers still run", "[urpc]") {
    World world;
    for (uint64_t i = 0; i < 3; ++i) REQUIRE(spawn(world.scope, ask<Slow>(world.pool_a, world, i)).ok());
    world.settle();
    world.caller.close();
    for (int i = 0; i < 600; ++i) world.step();
    REQUIRE(world.server.closed());
    REQUIRE(!world.server.finished());
    REQUIRE(mprotect(world.frame.memory, sizeof(world.frame.memory), PROT_NONE) == 0);
    for (int i = 0; i < 600; ++i) world.set_b.poll_all();
    REQUIRE(world.set_b.prepare_to_block());
    world.set_b.cancel_block();
    for (auto& gate : world.handler.gates) gate->set();
    for (int i = 0; i < 600; ++i) world.set_b.poll_all();
    REQUIRE(world.server.finished());
    REQUIRE(mprotect(world.frame.memory, sizeof(world.frame.memory), PROT_READ | PROT_WRITE) == 0);
}

TEST_CASE("a peer that breaks the protocol loses its channel, callers learn why", "[urpc]") {
    World world;
    REQUIRE(spawn(world.scope, ask<Slow>(world.pool_a, world, 1)).ok());
    world.settle();
    uint64_t word = 5;
    Channel& peer = world.server.channel();
    SECTION("a response that nobody waits for") {
        REQUIRE(peer.try_send(Example::opcode<Pong>, 999, {}).ok());
    }
    SECTION("a request to one who serves nothing") {
        REQUIRE(peer.try_send(Example::opcode<Ping>, 1, {&word, 1}).ok());
    }
    SECTION("no such opcode") {
        REQUIRE(peer.try_send(77, 1, {}).ok());
    }
    SECTION("a failure that is none") {
        REQUIRE(peer.try_send_control(Control::failure, 1, 0).ok());
    }
    SECTION("a response that is malformed") {
        uint64_t words[] = {1, 201};
        REQUIRE(peer.try_send(Example::opcode<Pong>, 1, words).ok());
    }
    for (int i = 0; i < 5; ++i) world.set_a.poll_all();
    REQUIRE(world.caller.reason() == Error::corrupt);
    REQUIRE(world.errors == std::vector<Error>{Error::corrupt});
}

TEST_CASE("one who floods a server runs out of credits, not the server out of frames", "[urpc]") {
    World world;
    Channel& flood = world.caller.channel();
    uint64_t sent = 0;
    for (uint64_t i = 0; i < 200; ++i) {
        uint64_t value = i % 64;
        if (flood.try_send(Example::opcode<Slow>, static_cast<uint16_t>(i), {&value, 1}).ok()) ++sent;
        world.set_b.poll_all();
    }
    REQUIRE(world.handler.slow_started == Connection::usual_calls);
    REQUIRE(sent <= Connection::usual_calls + 30);
    REQUIRE(world.set_b.prepare_to_block());  // and the server can sleep meanwhile
    world.set_b.cancel_block();
}

namespace {
struct Bouncer {
    Caller<Both>* back = nullptr;
    Task<Result<Pong>> operator()(FramePool&, Bounce bounce) {
        if (bounce.left == 0) co_return Pong{100, "end"};
        auto call = back->call(Bounce{bounce.left - 1});
        auto result = co_await call;
        if (!result.ok()) co_return result.error();
        co_return Pong{result->value + 1, "on the way back"};
    }
};
}  // namespace

TEST_CASE("both sides may call each other, within the handlers of each other's calls", "[urpc]") {
    Frame<> frame;
    CountingPoker poker;
    PollSet set;
    StaticFramePool<2048, 64> pool;
    Bouncer one, two;
    Scope scope(set.ready(), 8);
    Server<Both, Bouncer> a(set, frame.layout(Side::a), poker, pool, one);
    Server<Both, Bouncer> b(set, frame.layout(Side::b), poker, pool, two);
    one.back = &a;
    two.back = &b;
    uint64_t total = 0;
    auto start = [&](FramePool&) -> Task<Status> {
        auto call = a.call(Bounce{10});
        auto result = co_await call;
        if (result.ok()) total = result->value;
        co_return Status{};
    };
    REQUIRE(spawn(scope, start(pool)).ok());
    while (set.poll_all() != 0) {
    }
    REQUIRE(total == 110);
    REQUIRE(scope.live() == 0);
    a.close();
    while (!b.finished()) set.poll_all();
    set.poll_all();
    REQUIRE(set.empty());
}
