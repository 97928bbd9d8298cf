// A peer that writes whatever it likes: the channel closes, and nothing else happens (law 12).
#include <catch2/catch.hpp>
#include <random>

#include "test/unit/urpc/pair.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;
using skerry::base::Result;

namespace {
constexpr uint64_t epoch_1 = uint64_t{1} << 56;
constexpr uint64_t first = uint64_t{1} << 47;
constexpr uint64_t control = uint64_t{1} << 46;
uint64_t opcode(uint64_t o) {
    return o << 48;
}
uint64_t left(uint64_t n) {
    return n << 40;
}
uint64_t sequence(uint64_t n) {
    return n << 12;
}
uint64_t id(uint64_t n) {
    return n << 24;
}

// Writes headers as side a, from the ring's start, and returns what b's last receive says.
Error received(std::initializer_list<uint64_t> headers) {
    Pair<> pair;
    size_t line = 1;
    for (uint64_t header : headers) pair.frame.lines()[line++].header.store(header);
    auto message = pair.b.receive();
    while (message.ok()) message = pair.b.receive();
    if (message.error() == Error::again) return Error::again;
    REQUIRE(pair.b.closed());
    REQUIRE(pair.b.try_send(1, 1, {}).error() == Error::closed);
    REQUIRE((pair.frame.lines()[32].payload[0].load() & StatusLine::closed) != 0);  // and it says so
    return message.error();
}
}  // namespace

TEST_CASE("every violation of the header closes the channel", "[urpc]") {
    uint64_t good = epoch_1 | opcode(1) | first;
    REQUIRE(received({good}) == Error::again);
    REQUIRE(received({good, good | sequence(1)}) == Error::again);
    REQUIRE(received({good | left(1), (good & ~first) | sequence(1)}) == Error::again);

    CHECK(received({1}) == Error::corrupt);                                              // epoch 0, but not zero
    CHECK(received({good + epoch_1}) == Error::corrupt);                                 // a later lap
    CHECK(received({good | uint64_t{127} << 56}) == Error::corrupt);                     // a wild epoch
    CHECK(received({good | sequence(1)}) == Error::corrupt);                             // ahead of its turn
    CHECK(received({good, good}) == Error::corrupt);                                     // sequence repeated
    CHECK(received({epoch_1 | first}) == Error::corrupt);                                // opcode 0
    CHECK(received({good & ~first}) == Error::corrupt);                                  // starts in the middle
    CHECK(received({good | left(1), good | sequence(1)}) == Error::corrupt);             // starts again in the middle
    CHECK(received({good | left(2), (good & ~first) | sequence(1)}) == Error::corrupt);  // a line left out
    CHECK(received({good | left(1), (good & ~first) | left(1) | sequence(1)}) == Error::corrupt);
    CHECK(received({good | left(1), epoch_1 | opcode(2) | sequence(1)}) == Error::corrupt);
    CHECK(received({good | left(1), epoch_1 | opcode(1) | id(9) | sequence(1)}) == Error::corrupt);
    CHECK(received({good | left(1), epoch_1 | opcode(1) | control | sequence(1)}) == Error::corrupt);
    CHECK(received({epoch_1 | first | control}) == Error::corrupt);  // no such control
    CHECK(received({epoch_1 | first | control | opcode(2)}) == Error::corrupt);
    CHECK(received({epoch_1 | first | control | opcode(1) | left(1)}) == Error::corrupt);
    CHECK(received({good | 1}) == Error::corrupt);      // acknowledges what was not sent
    CHECK(received({good | 0xfff}) == Error::corrupt);  // less than nothing
}

TEST_CASE("a message longer than the receiver's buffer closes the channel", "[urpc]") {
    Frame<> frame;
    CountingPoker poker;
    uint64_t large[max_message_words], small[2 * payload_words];
    Channel a(frame.layout(Side::a), poker, large), b(frame.layout(Side::b), poker, small);
    REQUIRE(a.try_send(1, 1, counting(14)).ok());
    REQUIRE(b.receive().ok());
    REQUIRE(a.try_send(1, 1, counting(15)).ok());
    REQUIRE(b.receive().error() == Error::corrupt);
}

TEST_CASE("a status line that lies closes the channel or does nothing", "[urpc]") {
    std::mt19937_64 random(1);
    for (int round = 0; round < 2000; ++round) {
        Pair<> pair;
        auto* status = reinterpret_cast<StatusLine*>(pair.frame.lines() + 32);  // b's, and b lies
        for (int step = 0; step < 200 && !pair.a.closed(); ++step) {
            (void)pair.a.try_send(1, 1, {});
            (void)pair.a.receive();
            status->consumed.store(random() % 3 == 0 ? random() : random() % 64);
            if (random() % 4 == 0) status->sent.store(random() % 2 == 0 ? random() : random() % 64);
            if (random() % 16 == 0) status->state.store(random() & ~StatusLine::closed);
            if (pair.a.prepare_to_block()) pair.a.cancel_block();
            REQUIRE(pair.a.lines_sent() <= 64 + 30);
        }
    }
}

namespace skerry::urpc::test::hostile {
enum class Kind : uint8_t { one, two, count_ };
struct Pong {
    String<40> text;
};
struct Ping {
    using Response = Pong;
    uint32_t number;
    Kind kind;
    bool flag;
    Bytes<70> bytes;
};
struct Note {
    int16_t value;
};
using Fuzzed = Protocol<Ping, Pong, Note>;
}  // namespace skerry::urpc::test::hostile
using namespace skerry::urpc::test::hostile;

namespace {
struct Handler {
    uint64_t handled = 0;
    Result<Pong> operator()(const Ping& ping) {
        ++handled;
        REQUIRE((ping.kind < Kind::count_ && ping.bytes.length <= 70));
        return Pong{"fine"};
    }
    void operator()(const Note&) { ++handled; }
};
}  // namespace

TEST_CASE("fuzzed lines never get past the receiver", "[urpc]") {
    std::mt19937_64 random(7);
    uint64_t handled = 0, closed = 0;
    for (int round = 0; round < 3000; ++round) {
        Frame<> frame;
        CountingPoker poker;
        PollSet set;
        StaticFramePool<1024, 4> pool;
        Handler handler;
        {
            Server<Fuzzed, Handler> server(set, frame.layout(Side::b), poker, pool, handler);
            ShortLapWriter writer(reinterpret_cast<Line*>(frame.memory) + 1, 31);
            for (int step = 0; step < 60 && !server.closed(); ++step) {
                std::array<uint64_t, 24> words;
                for (auto& word : words) word = random() % 16 == 0 ? random() : random() % 3;
                Header header{.opcode = static_cast<uint8_t>(random() % 64 == 0 ? random() : 1 + random() % 3)};
                header.acknowledged = static_cast<uint16_t>(server.channel().lines_sent() & Header::count_mask);
                (void)writer.acknowledge_modulo(server.channel().lines_received() & Header::count_mask);
                (void)writer.try_send(header, std::span(words).first(random() % 8));
                if (random() % 16 == 0) {  // a flipped bit anywhere in what we own
                    Line& line = reinterpret_cast<Line*>(frame.memory)[random() % 32];
                    auto& word = random() % 2 ? line.header : line.payload[random() % payload_words];
                    word.store(word.load() ^ uint64_t{1} << random() % 64);
                }
                set.poll_all();
                if (set.prepare_to_block()) set.cancel_block();
            }
            closed += server.closed();
            for (int i = 0; i < 300 && !server.finished(); ++i) set.poll_all();
        }
        handled += handler.handled;
    }
    INFO("handled " << handled << ", closed " << closed);
    REQUIRE(handled > 1000);  // so the fuzz does reach the handler
    REQUIRE(closed > 2500);
}
