// Rings whose laps may end early: few lines take turns while messages are taken as they come, all when they are not.
#include <catch2/catch.hpp>
#include <deque>
#include <random>
#include <vector>

#include "test/unit/urpc/pair.hpp"
#include "urpc/ring.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;
using skerry::base::Error;

namespace {

template <uint32_t lines>
struct Ring {
    Line memory[lines] = {};
    ShortLapWriter writer{memory, lines};
    ShortLapReader reader{memory, lines};
    uint64_t sent = 0, taken = 0;

    bool send() {
        Payload payload = {sent, ~sent};
        if (!writer.try_send({.id = static_cast<uint16_t>(sent), .opcode = 1}, payload).ok()) return false;
        ++sent;
        return true;
    }
    bool take() {
        Payload payload;
        auto header = reader.take(payload);
        if (header.error() == Error::again) return false;
        REQUIRE(header.ok());
        REQUIRE(header->id == static_cast<uint16_t>(taken));
        REQUIRE(payload[0] == taken);
        REQUIRE(payload[1] == ~taken);
        ++taken;
        REQUIRE(reader.consumed() == taken);
        return true;
    }
    // Each is taken and acknowledged at once.
    void exchange(uint64_t count) {
        for (uint64_t i = 0; i < count; ++i) burst(1);
    }
    void burst(uint64_t count) {
        for (uint64_t i = 0; i < count; ++i) REQUIRE(send());
        for (uint64_t i = 0; i < count; ++i) REQUIRE(take());
        REQUIRE(!take());
        acknowledge();
    }
    void acknowledge() { REQUIRE(writer.acknowledge_modulo(taken & Header::count_mask).ok()); }
    size_t used() const {
        return static_cast<size_t>(
            std::count_if(std::begin(memory), std::end(memory), [](auto& l) { return l.header.load() != 0; }));
    }
};

void exchange(Channel& from, Channel& to, uint64_t word) {
    REQUIRE(from.try_send(1, 1, {&word, 1}).ok());
    REQUIRE(to.receive().ok());
}
// So many messages one way, the first ones answered.
void talk(Pair<>& pair, uint64_t messages, uint64_t answers) {
    for (uint64_t i = 0; i < messages; ++i) {
        exchange(pair.a, pair.b, i);
        if (i < answers) exchange(pair.b, pair.a, i);
    }
}

}  // namespace

TEST_CASE("messages that are taken as they come use eight lines, but for a whole lap now and then", "[urpc]") {
    Ring<20> ring;
    ring.exchange(10 * short_lap);
    CHECK(ring.used() == short_lap + 1);
    ring.burst(19);
    CHECK(ring.used() == 20);
    auto& other = ring.memory[short_lap].header;
    uint64_t last = other.load();
    ring.exchange(short_lap * (Header::epochs - 3));
    CHECK(other.load() == last);
    ring.exchange(short_lap * 3);
    CHECK(other.load() != last);
    // All epochs and sequence numbers many times over, whole laps among the short ones.
    ring.exchange(3'000'000);
}

TEST_CASE("who is ahead of his reader uses all lines but one, whatever laps came before", "[urpc]") {
    for (uint64_t before = 0; before < 3 * short_lap; ++before) {
        Ring<20> ring;
        ring.exchange(before);
        for (int burst = 0; burst < 50; ++burst) {
            uint64_t sent = 0;
            while (ring.send()) ++sent;
            REQUIRE(sent == 19);
            while (ring.take()) {
            }
            REQUIRE(ring.taken == ring.sent);
            ring.acknowledge();
        }
    }
}

TEST_CASE("a line that may be unread after a short lap is kept", "[urpc]") {
    for (int laps : {1, 2, 3}) {
        Ring<20> ring;
        ring.exchange(laps * short_lap - 1);
        REQUIRE(ring.send());
        CHECK(ring.used() == (laps == 1 ? short_lap : short_lap + 1));
        CHECK(ring.writer.credits() == 18);
        auto& kept = ring.memory[laps % 2 != 0 ? short_lap - 1 : 19].header;
        uint64_t last = kept.load();
        CHECK((last & Header::short_lap_bit) != 0);
        for (int i = 0; i < 18; ++i) REQUIRE(ring.send());
        CHECK(!ring.send());
        CHECK(kept.load() == last);
        while (ring.take()) {
        }
        CHECK(ring.taken == ring.sent);
        ring.acknowledge();
        for (int i = 0; i < 1000; ++i) {
            REQUIRE(ring.send());
            REQUIRE(ring.take());
            if (i % 7 != 0) ring.acknowledge();
        }
    }
}

TEST_CASE("a line to which nobody came for all epochs is not taken for a new one", "[urpc]") {
    // So many laps that epoch (modulo 127) and sequence number (modulo 4096) would be the old line's.
    SECTION("those of whole laps, after short ones") {
        Ring<17> ring;  // were all of them short: 16 + 7 * 95376 lines, 1 + 95376 laps
        ring.burst(16);
        ring.exchange(short_lap * 95376);
        ring.burst(short_lap);  // not acknowledged in time: the lap goes on
        ring.burst(1);
    }
    SECTION("the spare one, after whole laps") {
        Ring<16> ring;  // 14 + 15 * 294638 lines, 2 + 294638 laps
        ring.exchange(2 * short_lap);
        for (int lap = 0; lap < 294638; ++lap) ring.burst(15);
        ring.exchange(2 * short_lap);
    }
}

TEST_CASE("a short lap is believed only where one may end", "[urpc]") {
    Ring<20> ring;
    uint64_t number = 0;
    for (; number < short_lap - 1; ++number) {
        REQUIRE(ring.send());
        ring.memory[number].header.fetch_or(Header::short_lap_bit);
        REQUIRE(ring.take());
    }
    REQUIRE(ring.send());  // the seventh, and nothing is acknowledged: the lap goes on
    REQUIRE(ring.take());
    REQUIRE(ring.send());
    CHECK(ring.memory[short_lap].header.load() != 0);
    REQUIRE(ring.take());
}

TEST_CASE("a lap that must not be short goes on for both, whatever its seventh line says", "[urpc]") {
    Ring<20> ring;
    ring.burst(19);
    ring.exchange(short_lap * (Header::epochs - 2) + short_lap - 1);
    REQUIRE(ring.send());  // the next epoch is that of the lines after the seventh
    for (size_t seventh : {size_t{short_lap - 1}, size_t{19}}) {
        REQUIRE((ring.memory[seventh].header.load() & Header::tag_mask) != 0);
        ring.memory[seventh].header.fetch_or(Header::short_lap_bit);
    }
    REQUIRE(ring.take());
    uint64_t before = ring.memory[short_lap].header.load();
    ring.burst(3);
    CHECK(ring.memory[short_lap].header.load() != before);
}

TEST_CASE("a batch is taken up to a line that ends the lap, and then from the ring's begin", "[urpc]") {
    Ring<20> ring;
    ring.exchange(short_lap - 1);
    for (int i = 0; i < 5; ++i) REQUIRE(ring.send());
    REQUIRE((ring.memory[short_lap - 1].header.load() & Header::short_lap_bit) != 0);
    std::vector<Payload> in(20);
    std::vector<Header> headers(20);
    auto first = take_batch(ring.reader, in, headers), rest = take_batch(ring.reader, in, headers);
    REQUIRE((first.ok() && *first == 1));
    REQUIRE((rest.ok() && *rest == 4));
    CHECK(in[0][0] == short_lap);
    CHECK(in[3][0] == short_lap + 3);
}

TEST_CASE("rings with short laps against a queue, at random", "[urpc]") {
    for (uint64_t seed = 1; seed <= 20; ++seed) {
        std::mt19937_64 random(seed);
        Ring<13> ring;
        uint64_t told = 0;
        for (int step = 0; step < 100'000; ++step) {
            // Phases in which the reader keeps up, and others.
            bool quick = (step >> 9 & 1) != 0;
            switch (random() % 3) {
                case 0: {
                    uint64_t under_way = ring.sent - told;
                    bool room = ring.send();
                    REQUIRE(room == (under_way < 12));
                    break;
                }
                case 1:
                    while (ring.take() && !quick) {
                    }
                    break;
                default:
                    if (!quick && random() % 4 != 0) break;
                    ring.acknowledge();
                    told = ring.taken;
            }
        }
        while (ring.take()) {
        }
        REQUIRE(ring.taken == ring.sent);
    }
}

TEST_CASE("batches and single lines in rings with short laps", "[urpc]") {
    Ring<40> ring;
    std::mt19937_64 random(7);
    std::vector<Payload> out(64), in(64);
    std::vector<Header> headers(64);
    for (int step = 0; step < 200'000; ++step) {
        if (random() % 2 == 0) {
            size_t count = 1 + random() % 20;
            for (size_t i = 0; i < count; ++i) out[i] = {ring.sent + i, ~(ring.sent + i)};
            ring.sent += ring.writer.try_send_batch({.id = static_cast<uint16_t>(ring.sent), .opcode = 1},
                                                    std::span(out).first(count));
        } else if (random() % 2 == 0) {
            (void)ring.send();
        }
        if (random() % 3 == 0) (void)ring.take();
        auto taken = take_batch(ring.reader, std::span(in).first(random() % 30), headers);
        REQUIRE(taken.ok());
        for (size_t i = 0; i < *taken; ++i, ++ring.taken) {
            REQUIRE(in[i][0] == ring.taken);
            REQUIRE(headers[i].id == static_cast<uint16_t>(ring.taken));
        }
        if (random() % 3 != 0) ring.acknowledge();
    }
    REQUIRE(ring.sent > 300'000);
}

TEST_CASE("a long message goes through after short laps, if its receiver only polls", "[urpc]") {
    for (uint64_t before = 0; before < 40; ++before) {
        Pair<> pair;
        talk(pair, before, 24);
        auto words = counting(pair.frame.layout(Side::a).longest_message() * payload_words);
        REQUIRE(pair.a.try_send(2, 2, words).ok());
    }
}

TEST_CASE("messages one way after short laps never wait for a receiver who takes each at once", "[urpc]") {
    for (uint64_t before = 0; before < 40; ++before) {
        Pair<> pair;
        talk(pair, before, before);
        talk(pair, 100, 0);
        CHECK(pair.b.counts().acknowledgements <= 100 / 15 + 1);
    }
}
