#include "urpc/channel.hpp"

#include <catch2/catch.hpp>

#include "test/unit/urpc/pair.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;

TEST_CASE("a layout refuses what cannot be one", "[urpc]") {
    Frame<8192> frame;
    REQUIRE(ChannelLayout::of(nullptr, 4096, Side::a).error() == Error::invalid_argument);
    REQUIRE(ChannelLayout::of(frame.memory, 4095, Side::a).error() == Error::invalid_argument);
    REQUIRE(ChannelLayout::of(frame.memory + 8, 4096, Side::a).error() == Error::misaligned);
    REQUIRE(ChannelLayout::of(frame.memory, 4096, Side::a)->lines == 31);
    REQUIRE(ChannelLayout::of(frame.memory, 4096, Side::a)->longest_message() == 16);
    auto a = frame.layout(Side::a), b = frame.layout(Side::b);
    REQUIRE(a.our_ring == b.peer_ring);
    REQUIRE(b.our_ring == a.peer_ring);
    REQUIRE(reinterpret_cast<std::byte*>(b.our_status) == frame.memory + 4096);
}

TEST_CASE("messages of one and of many lines arrive in order", "[urpc]") {
    Pair<16384> pair;
    uint64_t next = 1;
    for (size_t words = 0; words <= max_message_words; words += 5) {
        auto sent = counting(words, next);
        REQUIRE(pair.a.try_send(9, static_cast<uint16_t>(words), sent).ok());
        auto message = pair.b.receive();
        REQUIRE(message.ok());
        REQUIRE(message->opcode == 9);
        REQUIRE(message->id == words);
        REQUIRE(message->words.size() == std::max<size_t>(7, (words + 6) / 7 * 7));
        REQUIRE(std::equal(sent.begin(), sent.end(), message->words.begin()));
        REQUIRE(pair.b.receive().error() == Error::again);
        next += words;
    }
    REQUIRE(pair.a.try_send(9, 1, counting(max_message_words + 1)).error() == Error::out_of_range);
}

TEST_CASE("a batch is sent as far as there is room, and wakes a sleeper once", "[urpc]") {
    Pair<> pair;
    std::array<Payload, 40> payloads{};
    for (size_t i = 0; i < payloads.size(); ++i) payloads[i].fill(i);
    REQUIRE(pair.b.prepare_to_block());
    auto sent = pair.a.try_send_batch(3, 100, payloads);
    REQUIRE(sent.ok());
    REQUIRE(*sent == 30);  // lines of the ring, but for one
    REQUIRE(pair.poke_b.count == 1);
    REQUIRE(pair.a.try_send_batch(3, 100, std::span(payloads).subspan(30)).error() == Error::full);
    pair.b.cancel_block();
    for (uint64_t i = 0; i < 30; ++i) {
        auto message = pair.b.receive();
        REQUIRE(message.ok());
        REQUIRE(message->opcode == 3);
        REQUIRE(message->id == 100 + i);
        REQUIRE(message->words[6] == i);
    }
    REQUIRE(pair.b.receive().error() == Error::again);
    sent = pair.a.try_send_batch(3, 130, std::span(payloads).subspan(30));
    REQUIRE((sent.ok() && *sent == 10));
    REQUIRE(pair.a.try_send_batch(3, 0, {}).value() == 0);
    pair.b.close();
    REQUIRE(pair.a.try_send_batch(3, 0, payloads).ok());  // it learns of the close while it looks whether to wake
    REQUIRE(pair.a.try_send_batch(3, 0, payloads).error() == Error::closed);
}

TEST_CASE("a batch goes on past the end of the ring, of short laps and of the ids", "[urpc]") {
    for (size_t before = 0; before < 70; ++before) {
        Pair<> pair;
        for (size_t i = 0; i < before; ++i) {
            // Answered for a while, so that laps are short, then not.
            REQUIRE((pair.a.try_send(1, 1, {}).ok() && pair.b.receive().ok()));
            if (i < 40) REQUIRE((pair.b.try_send(1, 1, {}).ok() && pair.a.receive().ok()));
        }
        std::array<Payload, 25> payloads{};
        for (size_t i = 0; i < payloads.size(); ++i) payloads[i].fill(i);
        REQUIRE(pair.b.prepare_to_block());
        const size_t sent = pair.a.try_send_batch(3, 65530, payloads).value();
        REQUIRE((before > 40 ? sent >= 1 : sent == payloads.size()));  // what was taken since is told now and then
        REQUIRE(pair.poke_b.count == 1);
        pair.b.cancel_block();
        for (uint64_t i = 0; i < sent; ++i) {
            auto message = pair.b.receive();
            REQUIRE(message.ok());
            REQUIRE((message->opcode == 3 && message->id == static_cast<uint16_t>(65530 + i)));
            REQUIRE((message->words[0] == i && message->words[6] == i));
        }
        REQUIRE(pair.b.receive().error() == Error::again);
    }
}

TEST_CASE("an empty batch acknowledges nothing, and is not taken for one that did", "[urpc]") {
    Pair<> pair;
    for (uint64_t taken = 0; taken < 200; ++taken) {
        REQUIRE(pair.a.try_send(1, 1, {}).ok());
        REQUIRE(pair.b.receive().ok());
        REQUIRE(pair.b.try_send_batch(2, 1, {}).value() == 0);
    }
}

TEST_CASE("credits come back on lines, or in the status line when nothing is sent", "[urpc]") {
    Pair<> pair;
    SECTION("on lines") {
        for (int i = 0; i < 1000; ++i) {
            REQUIRE(pair.a.try_send(1, 1, {}).ok());
            REQUIRE(pair.b.receive().ok());
            REQUIRE(pair.b.try_send(2, 1, {}).ok());
            REQUIRE(pair.a.receive().ok());
        }
        REQUIRE(pair.b.counts().acknowledgements == 0);
        REQUIRE(pair.a.counts().status_reads == 0);
    }
    SECTION("in the status line, once every half ring") {
        for (int i = 0; i < 1500; ++i) {
            REQUIRE(pair.a.try_send(1, 1, {}).ok());
            REQUIRE(pair.b.receive().ok());
        }
        REQUIRE(pair.b.counts().acknowledgements == 1500 / 15);
        REQUIRE(pair.b.lines_sent() == 0);
    }
    SECTION("full until the peer receives") {
        for (int i = 0; i < 30; ++i) REQUIRE(pair.a.try_send(1, 1, {}).ok());
        REQUIRE(pair.a.try_send(1, 1, {}).error() == Error::full);
        for (int i = 0; i < 14; ++i) REQUIRE(pair.b.receive().ok());
        REQUIRE(pair.a.try_send(1, 1, {}).error() == Error::full);
        REQUIRE(pair.b.receive().ok());
        REQUIRE(pair.a.try_send(1, 1, {}).ok());
    }
    SECTION("both rings full: neither stays stuck") {
        for (int i = 0; i < 30; ++i) REQUIRE((pair.a.try_send(1, 1, {}).ok() && pair.b.try_send(1, 1, {}).ok()));
        for (int i = 0; i < 30; ++i) REQUIRE((pair.a.receive().ok() && pair.b.receive().ok()));
        REQUIRE(pair.a.try_send(1, 1, counting(16 * payload_words)).ok());
        REQUIRE(pair.b.try_send(1, 1, counting(16 * payload_words)).ok());
    }
}

TEST_CASE("an old acknowledgement on a line long unread does no harm", "[urpc]") {
    Pair<> pair;
    REQUIRE(pair.b.try_send(1, 1, {}).ok());  // says: nothing consumed
    for (int i = 0; i < 10000; ++i) {         // a does not read it, and lives on the status line
        REQUIRE(pair.a.try_send(1, 1, {}).ok());
        REQUIRE(pair.b.receive().ok());
    }
    REQUIRE(pair.b.try_send(1, 1, {}).ok());
    REQUIRE(pair.a.receive().ok());
    REQUIRE(pair.a.receive().ok());
    for (int i = 0; i < 30; ++i) REQUIRE(pair.a.try_send(1, 1, {}).ok());  // the second one told all
}

TEST_CASE("the longest message always gets through in the end", "[urpc]") {
    Pair<> pair;
    auto longest = counting(16 * payload_words);
    for (int start = 0; start < 31; ++start) {
        REQUIRE(pair.a.try_send(1, 1, {}).ok());
        REQUIRE(pair.b.receive().ok());
        REQUIRE(pair.a.try_send(1, 1, longest).ok());
        REQUIRE(pair.b.receive()->words.size() == longest.size());
    }
}

TEST_CASE("a sleeper is poked once, one who polls never", "[urpc]") {
    Pair<> pair;
    REQUIRE(pair.a.try_send(1, 1, {}).ok());
    REQUIRE(pair.poke_b.count == 0);
    REQUIRE(!pair.b.prepare_to_block());  // something is there
    REQUIRE(pair.a.try_send(1, 1, {}).ok());
    REQUIRE(pair.poke_b.count == 0);  // and nothing stays announced
    while (pair.b.receive().ok()) {
    }
    for (int round = 1; round <= 3; ++round) {
        REQUIRE(pair.b.prepare_to_block());
        for (int i = 0; i < 3; ++i) REQUIRE(pair.a.try_send(1, 1, {}).ok());
        REQUIRE(pair.poke_b.count == round);
        pair.b.cancel_block();
        REQUIRE(pair.a.try_send(1, 1, {}).ok());
        REQUIRE(pair.poke_b.count == round);
        while (pair.b.receive().ok()) {
        }
    }
}

TEST_CASE("one who sleeps for credits is poked when they come", "[urpc]") {
    Pair<> pair;
    while (pair.a.try_send(1, 1, {}).ok()) {
    }
    REQUIRE(pair.a.prepare_to_block());
    for (int i = 0; i < 14; ++i) REQUIRE(pair.b.receive().ok());
    REQUIRE(pair.poke_a.count == 0);
    REQUIRE(pair.b.receive().ok());
    REQUIRE(pair.poke_a.count == 1);
    pair.a.cancel_block();
    REQUIRE(pair.a.try_send(1, 1, {}).ok());

    SECTION("and does not sleep if they came meanwhile") {
        while (pair.a.try_send(1, 1, {}).ok()) {
        }
        while (pair.b.receive().ok()) {
        }
        REQUIRE(!pair.a.prepare_to_block());
    }
    SECTION("and is not poked for them if it only waits for messages") {
        REQUIRE(pair.a.prepare_to_block());
        while (pair.b.receive().ok()) {
        }
        REQUIRE(pair.poke_a.count == 1);
    }
}

TEST_CASE("closing is seen after what was sent before it", "[urpc]") {
    Pair<> pair;
    SECTION("by one who polls") {
        REQUIRE(pair.a.try_send(1, 1, {}).ok());
        pair.a.close();
        REQUIRE(pair.b.receive().ok());
        int polls = 0;
        while (pair.b.receive().error() == Error::again) REQUIRE(++polls < 1000);
        REQUIRE(pair.b.reason() == Error::closed);
    }
    SECTION("by one who sleeps") {
        REQUIRE(pair.b.prepare_to_block());
        pair.a.close();
        REQUIRE(pair.poke_b.count == 1);
        pair.b.cancel_block();
        REQUIRE(!pair.b.prepare_to_block());
        REQUIRE(pair.b.receive().error() == Error::closed);
    }
    SECTION("by one who sends") {
        pair.a.close();
        (void)pair.b.try_send(1, 1, {});
        REQUIRE(pair.b.try_send(1, 1, {}).error() == Error::closed);
    }
    REQUIRE(pair.a.receive().error() == Error::closed);
    REQUIRE(pair.a.try_send(1, 1, {}).error() == Error::closed);
}

TEST_CASE("peers with different protocols part at the first line", "[urpc]") {
    SECTION("different") {
        Pair<> pair(3, 5);
        REQUIRE(pair.a.try_send(1, 1, {}).ok());
        REQUIRE(pair.b.receive().error() == Error::refused);
        REQUIRE(pair.b.closed());
    }
    SECTION("the same, or none named") {
        Pair<> same(3, 3), none(3, 0);
        REQUIRE((same.a.try_send(1, 1, {}).ok() && same.b.receive().ok()));
        REQUIRE((none.a.try_send(1, 1, {}).ok() && none.b.receive().ok()));
    }
}
