// What both ends of a channel note of a message can be joined: the same ring, line and id, sent before received.
#include <catch2/catch.hpp>

#include "test/unit/urpc/pair.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;

namespace {

struct Noted {
    bool sent;
    uint32_t ring;
    uint64_t line;
    uint16_t id;
    bool operator==(const Noted&) const = default;
};

struct Notes : MessageTrace {
    std::vector<Noted> all;
    uint32_t rings;
    explicit Notes(uint32_t first) : rings(first) {}
    uint32_t name_ring() override { return rings++; }
    void sent(uint32_t ring, uint64_t line, uint16_t id) override { all.push_back({true, ring, line, id}); }
    void received(uint32_t ring, uint64_t line, uint16_t id) override { all.push_back({false, ring, line, id}); }
};

struct TracingPoker : Poker {
    explicit TracingPoker(MessageTrace* t) : notes(t) {}
    MessageTrace* notes;
    void poke() override {}
    MessageTrace* trace() override { return notes; }
};

struct TracedPair {
    Frame<> frame;
    Notes notes_a{100}, notes_b{200};
    TracingPoker poke_a, poke_b;
    std::array<uint64_t, max_message_words> buffer_a{}, buffer_b{};
    Channel a, b;
    explicit TracedPair(bool b_traces = true)
        : poke_a(&notes_a),
          poke_b(b_traces ? &notes_b : nullptr),
          a(frame.layout(Side::a), poke_a, buffer_a),
          b(frame.layout(Side::b), poke_b, buffer_b) {}
};

}  // namespace

TEST_CASE("each message is noted at both ends under the same ring, line and id") {
    TracedPair pair;
    REQUIRE(pair.a.try_send(1, 7, counting(3)).ok());
    REQUIRE(pair.a.try_send(1, 8, counting(20)).ok());  // three lines
    REQUIRE(pair.a.try_send(1, 9, counting(1)).ok());
    for (int i = 0; i < 3; ++i) REQUIRE(pair.b.receive().ok());
    REQUIRE(pair.b.try_send(2, 7, counting(1)).ok());
    REQUIRE(pair.a.receive().ok());
    CHECK(pair.notes_a.all ==
          std::vector<Noted>{{true, 100, 0, 7}, {true, 100, 1, 8}, {true, 100, 4, 9}, {false, 200, 0, 7}});
    CHECK(pair.notes_b.all ==
          std::vector<Noted>{{false, 100, 0, 7}, {false, 100, 1, 8}, {false, 100, 4, 9}, {true, 200, 0, 7}});
}

TEST_CASE("what is refused for want of credits is not noted, and a message counts when it is whole") {
    TracedPair pair;
    size_t sent = 0;
    while (pair.a.try_send(1, 1, counting(7)).ok()) ++sent;
    CHECK(sent == 30);
    CHECK(pair.notes_a.all.size() == sent);
    for (size_t i = 0; i < sent; ++i) REQUIRE(pair.b.receive().ok());
    CHECK(pair.b.receive().error() == Error::again);
    CHECK(pair.notes_b.all.size() == sent);
    CHECK(pair.notes_b.all.back() == Noted{false, 100, 29, 1});
}

TEST_CASE("a peer without a trace names no ring") {
    TracedPair pair(false);
    REQUIRE(pair.b.try_send(1, 5, counting(1)).ok());
    REQUIRE(pair.a.receive().ok());
    CHECK(pair.notes_a.all == std::vector<Noted>{{false, 0, 0, 5}});
    CHECK(pair.notes_b.all.empty());
}
