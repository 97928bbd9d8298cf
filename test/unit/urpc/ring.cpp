#include "urpc/ring.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <numeric>

#include "test/unit/urpc/pair.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;

namespace {
struct Ring {
    static constexpr uint32_t lines = 5;
    Line memory[lines] = {};
    RingWriter writer{memory, lines};
    RingReader reader{memory, lines};
    uint64_t payload[payload_words] = {};

    skerry::base::Result<Header> take() { return reader.take(std::span<uint64_t, payload_words>(payload)); }
};

// No word like another.
Payload numbered(uint64_t number) {
    Payload words;
    std::iota(words.begin(), words.end(), number * payload_words);
    return words;
}
}  // namespace

TEST_CASE("a header word and its fields are each other's inverse", "[urpc]") {
    for (int bit = 0; bit < 64; ++bit) {
        uint64_t word = uint64_t{1} << bit;
        REQUIRE(Header::from(word).word() == word);
    }
}

TEST_CASE("an empty ring has nothing, a full one takes nothing", "[urpc]") {
    Ring ring;
    REQUIRE(ring.take().error() == Error::again);
    REQUIRE(!ring.reader.arrived());
    uint64_t word = 0;
    for (uint32_t i = 0; i < Ring::lines; ++i) REQUIRE(ring.writer.try_send({.opcode = 1}, {&++word, 1}).ok());
    REQUIRE(ring.writer.credits() == 0);
    REQUIRE(ring.writer.try_send({.opcode = 1}, {&word, 1}).error() == Error::full);
    for (uint64_t i = 1; i <= Ring::lines; ++i) {
        REQUIRE(ring.reader.arrived());
        REQUIRE(ring.take().ok());
        REQUIRE(ring.payload[0] == i);
    }
    REQUIRE(ring.take().error() == Error::again);
    REQUIRE(ring.writer.acknowledge(2).ok());
    REQUIRE(ring.writer.credits() == 2);
    REQUIRE(ring.writer.acknowledge(6).error() == Error::corrupt);
    REQUIRE(ring.writer.acknowledge_modulo(1).error() == Error::corrupt);
}

TEST_CASE("a ring goes round through all epochs and sequence numbers", "[urpc]") {
    Ring ring;
    for (uint64_t i = 0; i < 20000; ++i) {
        REQUIRE(ring.writer.try_send({.id = static_cast<uint16_t>(i), .opcode = 3}, {&i, 1}).ok());
        auto header = ring.take();
        REQUIRE(header.ok());
        REQUIRE(header->epoch != 0);
        REQUIRE(header->id == static_cast<uint16_t>(i));
        REQUIRE(ring.payload[0] == i);
        REQUIRE(ring.payload[1] == 0);  // nothing of the sender's memory leaks
        REQUIRE(ring.take().error() == Error::again);
        REQUIRE(ring.writer.acknowledge_modulo(static_cast<uint16_t>((i + 1) & Header::count_mask)).ok());
    }
}

TEST_CASE("a line of an earlier lap is not taken twice", "[urpc]") {
    Ring ring;
    std::vector<uint64_t> seen;
    uint64_t word = 7;
    for (uint64_t i = 0; i < 3 * Ring::lines; ++i) {
        REQUIRE(ring.writer.try_send({.opcode = 1}, {&word, 1}).ok());
        seen.push_back(ring.memory[i % Ring::lines].header.load());
        REQUIRE(ring.take().ok());
        REQUIRE(ring.writer.acknowledge(i + 1).ok());
    }
    // Position 0 expects lap 4: lap 3 is still there (empty), laps 1 and 2 and zero are violations.
    REQUIRE(ring.take().error() == Error::again);
    for (uint64_t replayed : {seen[0], seen[Ring::lines], seen[1], uint64_t{0}}) {
        ring.memory[0].header.store(replayed);
        REQUIRE(ring.take().error() == Error::corrupt);
    }
}

TEST_CASE("a message is written whole or not at all", "[urpc]") {
    Ring ring;
    auto words = counting(4 * payload_words);
    REQUIRE(ring.writer.try_send({.opcode = 1}, words).ok());
    REQUIRE(ring.writer.try_send({.opcode = 1}, std::span(words).first(8)).error() == Error::full);
    REQUIRE(ring.writer.sent() == 4);
    for (uint8_t left : {3, 2, 1, 0}) {
        auto header = ring.take();
        REQUIRE(header->left == left);
        REQUIRE(header->first == (left == 3));
    }
    REQUIRE(ring.take().error() == Error::again);
    auto long_one = counting(max_message_words + 1);
    REQUIRE(ring.writer.try_send({.opcode = 1}, long_one).error() == Error::out_of_range);
}

TEST_CASE("messages of a batch arrive in order, as many as lie straight ahead", "[urpc]") {
    Ring ring;
    std::vector<Payload> messages(Ring::lines);
    REQUIRE(ring.writer.try_send_batch({.id = 1, .opcode = 1}, {}) == 0);
    for (uint64_t sent = 0, turn = 0; sent < 20000; ++turn) {
        const uint64_t all = std::min<uint64_t>(turn % 8, Ring::lines);
        for (uint64_t done = 0; done < all;) {
            for (size_t i = 0; i < all; ++i) messages[i] = numbered(sent + i);
            const auto id = static_cast<uint16_t>(65534 + done);
            const uint64_t expected =
                std::min({all - done, Ring::lines - sent % Ring::lines, 4096 - sent % 4096, uint64_t{0x10000} - id});
            auto next = [number = sent]() mutable { return numbered(number++); };
            size_t count = turn % 3 == 0 ? ring.writer.try_compose_batch({.id = id, .opcode = 2}, all - done, next)
                                         : ring.writer.try_send_batch({.id = id, .opcode = 2},
                                                                      std::span(messages).first(all - done));
            REQUIRE(count == expected);
            for (size_t i = 0; i < count; ++i, ++done) {
                auto header = ring.take();
                REQUIRE(header.ok());
                REQUIRE(header->id == static_cast<uint16_t>(65534 + done));
                REQUIRE((header->opcode == 2 && header->first == 1 && header->left == 0));
                REQUIRE(std::ranges::equal(ring.payload, numbered(sent + i)));
            }
            REQUIRE(ring.take().error() == Error::again);
            sent += count;
            REQUIRE(ring.writer.sent() == sent);
            REQUIRE(ring.writer.acknowledge(sent).ok());
        }
    }
}

TEST_CASE("a batch is not longer than the credits", "[urpc]") {
    Ring ring;
    std::vector<Payload> messages(8);
    REQUIRE(ring.writer.try_send_batch({.opcode = 1}, std::span(messages).first(3)) == 3);
    REQUIRE(ring.writer.try_send_batch({.opcode = 1}, messages) == 2);
    REQUIRE(ring.writer.try_send_batch({.opcode = 1}, messages) == 0);
    REQUIRE(ring.writer.acknowledge(1).ok());
    REQUIRE(ring.writer.try_send_batch({.opcode = 1}, messages) == 1);
}

TEST_CASE("a long batch becomes visible in parts", "[urpc]") {
    std::vector<Line> lines(64);
    RingWriter writer(lines.data(), 64);
    RingReader reader(lines.data(), 64);
    std::vector<Payload> messages(most_at_once + 12);
    REQUIRE(writer.try_send_batch({.id = 7, .opcode = 1}, messages) == most_at_once);
    auto nothing = [](Header, const Line&) {};
    REQUIRE(reader.use_batch(64, nothing)->count == most_at_once);
    REQUIRE(writer.try_send_batch({.id = 7 + most_at_once, .opcode = 1}, std::span(messages).subspan(most_at_once)) ==
            12);
    REQUIRE(reader.use_batch(64, nothing)->count == 12);
}

TEST_CASE("a batch is seen where it lies", "[urpc]") {
    Ring ring;
    auto next = [number = uint64_t{0}]() mutable { return numbered(number++); };
    REQUIRE(ring.writer.try_compose_batch({.acknowledged = 7, .id = 20, .opcode = 3}, 4, next) == 4);
    uint64_t seen = 0;
    auto use = [&](Header header, const Line& line) {
        Payload words;
        line.load(words);
        REQUIRE(words == numbered(seen));
        REQUIRE((header.id == 20 + seen && header.opcode == 3 && header.acknowledged == 7));
        ++seen;
    };
    auto batch = ring.reader.use_batch(3, use);
    REQUIRE((batch.ok() && batch->count == 3 && seen == 3));
    REQUIRE((batch->last.id == 22 && batch->last.sequence == 2));
    REQUIRE(ring.reader.consumed() == 3);
    REQUIRE(ring.reader.use_batch(0, use)->count == 0);
    REQUIRE(ring.reader.use_batch(3, use)->count == 1);
    REQUIRE(ring.reader.use_batch(3, use)->count == 0);
    REQUIRE(seen == 4);
    ring.memory[4].header.store(Header::tag(9, 4));
    REQUIRE(ring.reader.use_batch(3, use).error() == Error::corrupt);
    REQUIRE((seen == 4 && ring.reader.consumed() == 4));
}

TEST_CASE("a batch is taken as far as it lies there, and a line from no lap is not", "[urpc]") {
    Ring ring;
    std::vector<Payload> messages(3), taken(8);
    std::vector<Header> headers(8);
    REQUIRE(take_batch(ring.reader, taken, headers).value() == 0);
    for (uint64_t sent = 0; sent < 20000;) {
        for (size_t i = 0; i < messages.size(); ++i) messages[i] = numbered(sent + i);
        size_t left = ring.writer.try_send_batch({.id = static_cast<uint16_t>(sent), .opcode = 2}, messages,
                                                 std::memory_order_release);
        REQUIRE(left != 0);
        // Two at a time, and none beyond the ring's end.
        while (left != 0) {
            auto count = take_batch(ring.reader, std::span(taken).first(2), headers);
            REQUIRE(count.ok());
            REQUIRE((*count >= 1 && *count <= std::min<size_t>(left, 2)));
            for (size_t i = 0; i < *count; ++i, ++sent) {
                REQUIRE(headers[i].id == static_cast<uint16_t>(sent));
                REQUIRE(taken[i] == numbered(sent));
            }
            left -= *count;
        }
        REQUIRE(take_batch(ring.reader, taken, headers).value() == 0);
        REQUIRE(ring.reader.consumed() == sent);
        REQUIRE(ring.writer.acknowledge(ring.reader.consumed()).ok());
    }
    const uint64_t at = ring.reader.consumed() % Ring::lines;
    ring.memory[at].header.store(Header::tag(77, 5));
    REQUIRE(take_batch(ring.reader, taken, headers).error() == Error::corrupt);
}
