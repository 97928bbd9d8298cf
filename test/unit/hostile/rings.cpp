// Peers that write what they like, against connections in this process: usr/hostile/rings, under the sanitizers. Many
// seeds; each channel either lives on or is closed with a reason, and an honest connection in the same loop is never
// harmed. A failure names its seed; SKERRY_SEED plays that one alone.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <vector>

#include "test/unit/urpc/pair.hpp"
#include "urpc/call.hpp"
#include "usr/hostile/rings/protocol.hpp"
#include "usr/hostile/rings/tamed.hpp"

using namespace skerry;
using namespace skerry::urpc;
using namespace skerry::urpc::test;
using namespace skerry::usr::hostile;
using base::Result;

namespace {

constexpr uint64_t first_seed = 1, seeds_each = 4000, steps_each = 400;

// Answers every call with an empty answer, and every third one later; notes what came.
template <typename P>
struct Answering;
template <typename... M>
struct Answering<Protocol<M...>> {
    uint64_t handled = 0;
    template <CallMessage Request>
    Task<Result<typename Request::Response>> operator()(FramePool&, Request request) {
        check(request);
        typename Request::Response answer{};
        co_return Result<typename Request::Response>(answer);
    }
    template <typename Other>
    requires(!CallMessage<Other>) Status operator()(const Other& message) {
        check(message);
        return {};
    }
    // What was unmarshalled keeps to its type, whatever was in the words.
    template <typename T>
    void check(const T& message) {
        ++handled;
        if constexpr (std::is_same_v<T, monitor::Revoke>) {  // whatever was torn, replayed or flipped
            REQUIRE(message.slot % 1024 >= rings::MonitorWords::not_used);
        }
        visit_fields(message, [](const auto&... field) { (check_field(field), ...); });
    }
    template <typename T>
    static void check_field(const T& field) {
        if constexpr (ByteSequence<T>) {
            REQUIRE(field.length <= T::capacity);
        } else if constexpr (std::is_enum_v<T>) {
            if constexpr (requires { T::count_; }) REQUIRE(field < T::count_);
        }
    }
};

// Offers nothing and holds nothing: whatever capability a message names has not come.
struct EmptyCourier final : Courier {
    uint64_t claims = 0;
    Task<Status> bring(FramePool&, Capability&) override { co_return Status{Error::full}; }
    void sent(const Capability&) override {}
    Status claim(Capability&) override {
        ++claims;
        return Error::corrupt;
    }
};

struct HonestHandler {
    Result<rings::Sum> operator()(const rings::Add& add) { return rings::Sum{add.a + add.b}; }
    Result<rings::Echoed> operator()(const rings::Echo& echo) { return rings::Echoed{echo.bytes}; }
    Result<rings::Stopped> operator()(const rings::Stop&) { return rings::Stopped{}; }
    void operator()(const rings::Note&) {}
    void operator()(const rings::Gift&) {}
};

// A client and the service that is attacked, in the service's own loop.
struct Honest {
    Frame<> frame;
    CountingPoker poker;
    StaticFramePool<2048, 4> pool;
    HonestHandler handler;
    Server<rings::Protocol, HonestHandler> server;
    Caller<rings::Protocol> caller;
    Scope scope;
    uint64_t right = 0, wrong = 0;

    explicit Honest(PollSet& set)
        : server(set, frame.layout(Side::b), poker, pool, handler),
          caller(set, frame.layout(Side::a), poker),
          scope(set.ready(), 4) {}
    static Task<Status> ask(FramePool&, Honest& self, uint64_t a) {
        rings::Add add{a, 7};
        auto call = self.caller.call(add);
        auto sum = co_await call;
        (sum.ok() && sum->value == a + 7 ? self.right : self.wrong)++;
        co_return Status{};
    }
    void close(PollSet& set) {
        caller.close();
        server.close();
        while (!caller.finished() || !server.finished()) set.poll_all();
    }
};

struct Outcome {
    uint64_t handled = 0, corrupt = 0, refused = 0, alive = 0, claims = 0;
};

template <typename P, typename Words>
void attack(uint64_t seed, Outcome& outcome) {
    PollSet set;
    Honest honest(set);
    Frame<16384> frame;
    CountingPoker poker;
    auto pool = std::make_unique<StaticFramePool<8192, 8>>();
    Answering<P> handler;
    EmptyCourier courier;
    Words vocabulary;
    {
        Server<P, Answering<P>> victim(set, frame.layout(Side::b), poker, *pool, handler);
        if constexpr (P::has_capabilities) victim.set_courier(&courier);
        Scribbler peer(frame.layout(Side::a), vocabulary, seed);
        auto look = [&] {
            set.poll_all();
            if (set.prepare_to_block()) set.cancel_block();
        };
        for (uint64_t i = 0; i < steps_each && !peer.closed(); ++i) {
            peer.step(look);
            if (i % 3 == 0) look();
            if (i % 20 == 0) REQUIRE(spawn(honest.scope, Honest::ask(honest.pool, honest, i)).ok());
            for (int turn = 0; turn < 8 && i % 20 == 0; ++turn) look();
        }
        // Closed means closed on both sides, with a reason.
        if (victim.closed()) {
            REQUIRE(peer.closed());
            REQUIRE((victim.reason() == Error::corrupt || victim.reason() == Error::refused));
            ++(victim.reason() == Error::corrupt ? outcome.corrupt : outcome.refused);
        } else {
            ++outcome.alive;
            victim.close();
        }
        for (int i = 0; i < 1000 && !victim.finished(); ++i) set.poll_all();
        REQUIRE(victim.finished());
    }
    REQUIRE(pool->pool().in_use() == 0);
    for (int i = 0; i < 100; ++i) set.poll_all();
    REQUIRE(honest.wrong == 0);
    REQUIRE(honest.right > 0);
    REQUIRE(honest.scope.live() == 0);
    honest.close(set);
    outcome.handled += handler.handled;
    outcome.claims += courier.claims;
}

template <typename P, typename Words = AnyMessage<P>>
Outcome attack_all() {
    const char* given = std::getenv("SKERRY_SEED");
    uint64_t first = given != nullptr ? std::strtoull(given, nullptr, 0) : first_seed;
    Outcome outcome;
    for (uint64_t seed = first; seed < first + (given != nullptr ? 1 : seeds_each); ++seed) {
        INFO("seed " << seed);
        attack<P, Words>(seed, outcome);
    }
    UNSCOPED_INFO("handled " << outcome.handled << ", corrupt " << outcome.corrupt << ", refused " << outcome.refused
                             << ", alive " << outcome.alive);
    if (given == nullptr) {
        CHECK(outcome.handled > 10 * seeds_each);  // so the garbage comes after, and among, what is right
        CHECK(outcome.corrupt > seeds_each / 2);
    }
    return outcome;
}

}  // namespace

TEST_CASE("garbage in a ring with capabilities closes that channel and harms nobody", "[hostile]") {
    CHECK((attack_all<rings::Protocol>().claims > 0 || std::getenv("SKERRY_SEED") != nullptr));
}
TEST_CASE("garbage in the ring of the monitor's protocol closes that channel and harms nobody", "[hostile]") {
    attack_all<monitor::Protocol, rings::MonitorWords>();
}
TEST_CASE("garbage in the ring of the console's protocol closes that channel and harms nobody", "[hostile]") {
    attack_all<console::Protocol, rings::ConsoleWords>();
}
