// Calls that wait for their answer in place: when they may, what bounds them, and how they end.
#include <catch2/catch.hpp>

#include "test/unit/urpc/pair.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;
using skerry::base::Result;

namespace skerry::urpc::test::in_place {
struct Sum {
    uint64_t value;
};
struct Add {
    using Response = Sum;
    uint64_t a, b;
};
using Adding = Protocol<Sum, Add>;
}  // namespace skerry::urpc::test::in_place
using namespace skerry::urpc::test::in_place;

namespace {

struct Handler {
    Result<Sum> operator()(const Add& add) { return Sum{add.a + add.b}; }
};

struct World;
World* the_world = nullptr;  // for pause(), which has no argument

struct World {
    Frame<> frame;
    CountingPoker poke_a, poke_b;
    PollSet set_a, set_b;
    StaticFramePool<1024, 8> pool;
    Handler handler;
    Caller<Adding> caller{set_a, frame.layout(Side::a), poke_b};
    Server<Adding, Handler> server{set_b, frame.layout(Side::b), poke_a, pool, handler};
    Scope scope{set_a.ready(), 8};
    uint32_t pauses = 0;      // between two looks
    bool server_runs = true;  // meanwhile
    void (*meanwhile)(World&) = nullptr;
    uint64_t calls = 0, failures = 0;
    uint32_t most_pauses = 0;  // of one call

    World() {
        the_world = this;
        set_a.ready().set_pause([] {
            ++the_world->pauses;
            if (the_world->meanwhile != nullptr) the_world->meanwhile(*the_world);
            if (the_world->server_runs) the_world->set_b.poll_all();
        });
    }
    ~World() {
        server_runs = true;
        caller.close();
        server.close();
        for (int i = 0; i < 4; ++i) (void)(set_a.poll_all() + set_b.poll_all());
    }
    void turn() {
        set_a.poll_all();
        if (server_runs) set_b.poll_all();
    }
    static Task<Status> work(FramePool&, World& world, uint64_t count) {
        for (uint64_t i = 0; i < count; ++i) {
            uint32_t before = world.pauses;
            auto call = world.caller.call(Add{i, 1});
            auto sum = co_await call;
            world.most_pauses = std::max(world.most_pauses, world.pauses - before);
            ++world.calls;
            if (!sum.ok() || sum->value != i + 1) ++world.failures;
        }
        co_return Status{};
    }
    void start(uint64_t count) { REQUIRE(spawn(scope, work(pool, *this, count)).ok()); }
};

}  // namespace

TEST_CASE("who is resumed last waits for its answers in place, so many from one turn to the next", "[urpc]") {
    World world;
    world.start(1000);
    REQUIRE(world.pauses == 0);  // its starter goes on first
    REQUIRE(world.calls == 0);
    uint32_t turns = 0;
    for (; world.scope.live() != 0 && turns < 2000; ++turns) {
        uint64_t before = world.calls;
        world.turn();
        REQUIRE(world.calls - before <= ReadyQueue::most_in_place + 1);
    }
    REQUIRE(world.calls == 1000);
    REQUIRE(world.failures == 0);
    REQUIRE(world.most_pauses == 1);
    REQUIRE(turns < 2 * 1000 / ReadyQueue::most_in_place + 4);
    REQUIRE(world.caller.channel().lines_sent() == 1000);
    REQUIRE(world.poke_a.count + world.poke_b.count == 0);
}

TEST_CASE("without a way to pass the time, and while others are ready or in flight, nobody waits in place", "[urpc]") {
    World world;
    SECTION("no pause") {
        world.set_a.ready().set_pause(nullptr);
        world.start(100);
    }
    SECTION("two that call by turns") {
        world.start(100);
        world.start(100);
    }
    for (uint32_t turns = 0; world.scope.live() != 0 && turns < 2000; ++turns) {
        uint64_t before = world.calls;
        world.turn();
        REQUIRE(world.calls - before <= 2);
    }
    while (world.scope.live() != 0) world.turn();
    REQUIRE(world.failures == 0);
    REQUIRE(world.calls % 100 == 0);
}

TEST_CASE("an answer that is late is found by the loop, and some calls after it do not wait in place", "[urpc]") {
    World world;
    world.start(200);
    for (uint64_t done = 0; done < 40;) {
        world.turn();
        done = world.calls;
    }
    world.server_runs = false;
    for (int i = 0; i < 4; ++i) world.turn();
    uint64_t calls = world.calls;
    uint32_t pauses = world.pauses;
    REQUIRE(world.caller.channel().lines_sent() == calls + 1);
    for (int i = 0; i < 100; ++i) world.turn();
    REQUIRE(world.pauses == pauses);  // it looked for a while, and not again
    REQUIRE(world.calls == calls);
    world.server_runs = true;
    for (int i = 0; i < 4; ++i) world.turn();
    REQUIRE(world.calls > calls);
    REQUIRE(world.pauses == pauses);
    for (int i = 0; world.scope.live() != 0 && i < 2000; ++i) world.turn();
    REQUIRE(world.calls == 200);
    REQUIRE(world.pauses > pauses);  // and then in place again
    REQUIRE(world.failures == 0);
}

TEST_CASE("a peer that ends or breaks the rules while somebody waits in place", "[urpc]") {
    World world;
    world.start(100);
    while (world.calls < 20) world.turn();
    SECTION("it closes") {
        world.meanwhile = [](World& w) { w.server.close(); };
    }
    SECTION("it acknowledges what was not sent") {
        world.server_runs = false;
        world.meanwhile = [](World& w) {
            uint64_t number = w.caller.channel().lines_received();
            auto& line = const_cast<Line&>(w.caller.channel().line());
            uint8_t epoch = 1;
            while (!w.caller.channel().is_current(Header::tag(epoch, number))) ++epoch;
            // Whatever the id is: one of them is right.
            uint64_t sent = w.caller.channel().lines_sent();
            uint64_t id = 64 * sent;
            line.header.store(Header::tag(epoch, number) |
                              Header::single(Adding::opcode<Sum>, static_cast<uint16_t>(id)) |
                              ((sent + 5) & Header::count_mask));
        };
    }
    uint64_t failed = 0;
    for (int i = 0; world.scope.live() != 0 && i < 2000; ++i) world.turn();
    failed = world.failures;
    REQUIRE(world.calls == 100);
    REQUIRE(failed > 0);
    REQUIRE(world.caller.closed());
    REQUIRE(world.caller.finished());
}

TEST_CASE("while somebody waits in place, or handles a message, the set is not polled again", "[urpc]") {
    World world;
    world.meanwhile = [](World& w) {
        REQUIRE(w.set_a.polling());
        REQUIRE(w.set_a.poll_all() == 0);
    };
    world.start(50);
    for (int i = 0; world.scope.live() != 0 && i < 200; ++i) world.turn();
    REQUIRE(world.calls == 50);
    REQUIRE(world.failures == 0);
    REQUIRE(world.pauses > 0);
    REQUIRE(!world.set_a.polling());
}
