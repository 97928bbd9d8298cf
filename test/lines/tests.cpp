// In steady state a message writes one line and reads one. Counted at every load and store of the frame that two sides
// share, whatever code makes it.
#include <array>
#include <catch2/catch.hpp>

#include "test/lines/counter.hpp"
#include "urpc/urpc.hpp"

namespace skerry::lines {

using namespace urpc;
using base::Error;
using base::Status;

struct NoPoker final : Poker {
    void poke() override { FAIL("nobody sleeps here"); }
};

struct Frame {
    static constexpr size_t bytes = 4096, status_a = 0, status_b = bytes / 2 / line_size;
    alignas(4096) std::byte memory[bytes] = {};
    ChannelLayout layout(Side side) { return ChannelLayout::of(memory, bytes, side).value(); }
    Frame() { lines::watch(memory, bytes); }
    ~Frame() { lines::watch(nullptr, 0); }
};

// What one message touched, beside the one word of the receiver's status line that a sender looks at, which does not
// change while the receiver is awake: it stays in the sender's cache.
struct Hop {
    lines::Lines sent, received;

    size_t ring_line() const {
        for (const auto& [number, touches] : sent) {
            if (touches.stores != 0) return number;
        }
        return ~size_t{0};
    }
    void check(size_t peer_status) const {
        REQUIRE(lines::written(sent) == 1);
        REQUIRE(sent.at(ring_line()).stores == payload_words + 1);
        REQUIRE(sent.at(ring_line()).loads == 0);
        for (const auto& [number, touches] : sent) REQUIRE((number == ring_line() || number == peer_status));
        REQUIRE(sent.at(peer_status).loads == 1);

        REQUIRE(received.size() == 1);
        REQUIRE(lines::written(received) == 0);
        REQUIRE(received.begin()->first == ring_line());
        // Each word once, and the header once more by the look that finds it.
        REQUIRE(received.begin()->second.loads <= payload_words + 2);
    }
};

struct Pong {
    uint64_t value;
};
struct Ping {
    using Response = Pong;
    uint64_t value;
};
using Example = Protocol<Ping, Pong>;
struct Handler {
    base::Result<Pong> operator()(const Ping& ping) { return Pong{ping.value + 1}; }
};

TEST_CASE("a message writes one line and reads one", "[lines]") {
    Frame frame;
    NoPoker poker;
    std::array<uint64_t, 7> buffer_a, buffer_b;
    Channel a(frame.layout(Side::a), poker, buffer_a), b(frame.layout(Side::b), poker, buffer_b);
    uint64_t sent = 0;
    auto hop = [&](Channel& from, Channel& to, size_t receivers_status) {
        lines::take();
        uint64_t word = ++sent;
        Hop message;
        REQUIRE(from.try_send(1, static_cast<uint16_t>(sent), {&word, 1}).ok());
        message.sent = lines::take();
        auto received = to.receive();
        message.received = lines::take();
        REQUIRE(received.ok());
        REQUIRE(received->words[0] == word);
        if (sent > 2) message.check(receivers_status);  // the first each way also reads the names of both sides
    };
    for (int round = 0; round < 1000; ++round) {
        hop(a, b, Frame::status_b);
        hop(b, a, Frame::status_a);
    }
}

TEST_CASE("a typed call writes two lines and reads two", "[lines]") {
    Frame frame;
    NoPoker poker;
    PollSet caller_set, server_set;
    StaticFramePool<512, 4> pool;
    Handler handler;
    Caller<Example> caller(caller_set, frame.layout(Side::a), poker);
    Server<Example, Handler> server(server_set, frame.layout(Side::b), poker, pool, handler);
    Scope scope(caller_set.ready(), 1);
    uint64_t answered = 0;
    constexpr uint64_t calls = 500;
    auto work = [](FramePool&, Caller<Example>& peer, uint64_t& done) -> Task<Status> {
        while (done < calls) {
            auto call = peer.call(Ping{done});
            auto pong = co_await call;
            if (!pong.ok() || pong->value != done + 1) co_return Error::corrupt;
            ++done;
        }
        co_return Status{};
    };
    REQUIRE(spawn(scope, work(pool, caller, answered)).ok());
    for (uint64_t round = 0; round + 1 < calls; ++round) {
        lines::take();
        server_set.poll_all();  // takes the request, answers
        lines::Lines server_side = lines::take();
        caller_set.poll_all();  // takes the answer, sends the next request
        lines::Lines caller_side = lines::take();
        REQUIRE(answered == round + 1);
        if (round == 0) continue;
        for (const auto& side : {server_side, caller_side}) {
            REQUIRE(lines::written(side) == 1);
            // The line that came, the line that the poll loop looks at next, and the peer's status.
            REQUIRE(lines::read(side) <= 3);
        }
    }
    server_set.poll_all();
    caller_set.poll_all();
    REQUIRE(answered == calls);
    caller.close();
    server.close();
    caller_set.poll_all();
    server_set.poll_all();
}

TEST_CASE("a message of several lines writes and reads each once", "[lines]") {
    Frame frame;
    NoPoker poker;
    std::array<uint64_t, 28> buffer_a, buffer_b, words{};
    Channel a(frame.layout(Side::a), poker, buffer_a), b(frame.layout(Side::b), poker, buffer_b);
    lines::take();
    REQUIRE(a.try_send(1, 1, words).ok());
    lines::Lines sent = lines::take();
    REQUIRE(lines::written(sent) == 4);
    REQUIRE(b.receive().ok());
    REQUIRE(lines::written(lines::take()) == 0);
}

TEST_CASE("what is not a message's own line is counted, too", "[lines]") {
    Frame frame;
    NoPoker poker;
    std::array<uint64_t, 7> buffer_a, buffer_b;
    Channel a(frame.layout(Side::a), poker, buffer_a), b(frame.layout(Side::b), poker, buffer_b);
    // Without messages the other way what was consumed goes into the status line: once each half ring.
    uint64_t acknowledgements = 0;
    uint32_t ring = frame.layout(Side::a).lines;
    for (uint64_t i = 0; i < ring; ++i) {
        uint64_t word = i;
        REQUIRE(a.try_send(1, 1, {&word, 1}).ok());
        lines::take();
        REQUIRE(b.receive().ok());
        lines::Lines received = lines::take();
        if (received.contains(Frame::status_b) && received.at(Frame::status_b).stores != 0) ++acknowledgements;
    }
    REQUIRE(acknowledgements == 2);
    // And an access of two lines is seen as one of two.
    auto* word = reinterpret_cast<uint64_t*>(frame.memory);
    lines::take();
    word[0] = 1;
    word[line_size / 8] = 1;
    REQUIRE(lines::written(lines::take()) == 2);
}

}  // namespace skerry::lines
