// The straight way of short messages, and what bends it: whichever way a message goes, it arrives the same.
#include <catch2/catch.hpp>

#include "test/unit/urpc/pair.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;
using skerry::base::Result;

namespace skerry::urpc::test::straight {
struct Sum {
    uint64_t value;
};
struct Add {
    using Response = Sum;
    uint64_t a, b;
};
struct Tick {
    String<16> word;  // short, of varying length
    uint16_t number;
};
struct Count {
    using Response = Sum;
};
struct Essay {
    String<200> text;  // one line or many
};
using Mixed = Protocol<Sum, Add, Tick, Count, Essay>;
}  // namespace skerry::urpc::test::straight
using namespace skerry::urpc::test::straight;

namespace {
struct Handler {
    uint64_t ticks = 0, letters = 0;
    Result<Sum> operator()(const Add& add) { return Sum{add.a + add.b}; }
    Result<Sum> operator()(const Count&) { return Sum{ticks}; }
    void operator()(const Tick& tick) {
        REQUIRE(tick.number == static_cast<uint16_t>(ticks));
        REQUIRE(tick.word.size() == ticks % 17);
        ++ticks;
    }
    void operator()(const Essay& essay) { letters += essay.text.size(); }
};

struct World {
    Frame<> frame;
    CountingPoker poke_a, poke_b;
    PollSet set_a, set_b;
    StaticFramePool<1024, 8> pool;
    Handler handler;
    Caller<Mixed> caller{set_a, frame.layout(Side::a), poke_b};
    Server<Mixed, Handler> server{set_b, frame.layout(Side::b), poke_a, pool, handler};

    // As straight-line code makes it.
    template <typename Request>
    Result<Sum> ask(const Request& request) {
        auto call = caller.call(request);
        bool waits = call.await_suspend({});
        for (int turn = 0; waits && !call.done(); ++turn) {
            REQUIRE(turn < 2000);
            set_b.poll_all();
            set_a.poll_all();
        }
        return call.await_resume();
    }
    ~World() {
        caller.close();
        server.close();
        for (int i = 0; i < 4; ++i) (void)(set_a.poll_all() + set_b.poll_all());
    }
};
}  // namespace

TEST_CASE("calls of straight-line code take the straight way from the second on", "[urpc]") {
    World world;
    for (uint64_t i = 0; i < 10'000; ++i) {
        auto sum = world.ask(Add{i, 2 * i});
        REQUIRE(sum.ok());
        REQUIRE(sum->value == 3 * i);
        REQUIRE(world.caller.channel().straight() == true);
        REQUIRE(world.server.channel().straight() == true);
    }
    REQUIRE(world.caller.channel().lines_sent() == 10'000);
    REQUIRE(world.poke_a.count + world.poke_b.count == 0);
}

TEST_CASE("short and long messages, in whatever order, arrive as they were sent", "[urpc]") {
    World world;
    uint64_t letters = 0, random = 1;
    auto draw = [&](uint64_t below) {
        random = random * 6364136223846793005 + 1442695040888963407;
        return (random >> 33) % below;
    };
    for (uint64_t i = 0; i < 20'000; ++i) {
        bool tick = draw(4) != 0;
        Tick short_one{String<16>::cut(std::string(world.handler.ticks % 17, 't')),
                       static_cast<uint16_t>(world.handler.ticks)};
        Essay long_one{String<200>::cut(std::string(draw(200), 'e'))};
        Status sent = tick ? world.caller.try_send(short_one) : world.caller.try_send(long_one);
        REQUIRE(sent.ok());
        if (!tick) letters += long_one.text.size();
        world.set_b.poll_all();
        world.set_a.poll_all();
    }
    REQUIRE(world.handler.letters == letters);
    REQUIRE(world.handler.ticks > 10'000);
    REQUIRE(world.ask(Count{})->value == world.handler.ticks);
}

TEST_CASE("without credits a short message waits as any other", "[urpc]") {
    World world;
    uint32_t sent = 0;
    Tick first{String<16>{}, 0};
    while (world.caller.try_send(Tick{String<16>::cut(std::string(sent % 17, 't')), static_cast<uint16_t>(sent)}).ok())
        ++sent;
    REQUIRE(sent == 30);
    REQUIRE(!world.caller.channel().straight());  // starved: it would say so before it sleeps
    REQUIRE(world.caller.try_send(first).error() == Error::full);
    REQUIRE(world.set_a.prepare_to_block());
    world.set_a.cancel_block();
    world.set_b.poll_all();
    REQUIRE(world.handler.ticks == sent);
    REQUIRE(world.ask(Count{})->value == sent);
    REQUIRE(world.caller.channel().straight());
}

TEST_CASE("a quiet channel is looked at by a load and a compare, and polled again when that changes", "[urpc]") {
    World world;
    (void)world.ask(Add{1, 2});
    for (int i = 0; i < 4; ++i) world.set_b.poll_all();
    uint64_t looks = world.server.channel().counts().status_reads;
    for (int i = 0; i < 100; ++i) REQUIRE(world.set_b.poll_all() == 0);
    REQUIRE(world.server.channel().counts().status_reads <= looks + 1);  // at most once in an interval
    REQUIRE(world.caller.try_send(Tick{String<16>{}, 0}).ok());
    REQUIRE(world.set_b.poll_all() == 1);
    REQUIRE(world.set_b.poll_all() == 0);
    // A peer that ends is found in time, though nothing comes in the ring.
    world.caller.close();
    uint32_t turns = 0;
    for (; !world.server.finished() && turns < 2000; ++turns) world.set_b.poll_all();
    REQUIRE(world.server.finished());
    REQUIRE(turns <= 2 * PollSet::look_interval);
}

TEST_CASE("a line of nonsense closes the channel on the straight way too", "[urpc]") {
    World world;
    (void)world.ask(Add{1, 2});
    REQUIRE(world.server.channel().straight());
    Channel& peer = world.caller.channel();
    SECTION("a field out of its range") {
        uint64_t words[] = {0, 65536};
        REQUIRE(peer.try_send(Mixed::opcode<Tick>, 1, words).ok());
    }
    SECTION("a length beyond the field") {
        uint64_t words[] = {17, 0, 0, 0};
        REQUIRE(peer.try_send(Mixed::opcode<Tick>, 1, words).ok());
    }
    SECTION("a response that nobody waits for") {
        REQUIRE(peer.try_send(Mixed::opcode<Sum>, 64, {}).ok());
    }
    SECTION("no such opcode") {
        REQUIRE(peer.try_send(99, 1, {}).ok());
    }
    SECTION("an acknowledgement of what was not sent") {
        world.frame.lines()[1 + 1].header.store(uint64_t{1} << 56 | Header::single(Mixed::opcode<Count>, 1) | 1 << 12 |
                                                9);
    }
    for (int i = 0; i < 3; ++i) world.set_b.poll_all();
    REQUIRE(world.server.reason() == Error::corrupt);
    REQUIRE(world.handler.ticks == 0);
}
