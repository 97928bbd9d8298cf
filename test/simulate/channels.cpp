// Rings and waits of two cores, all interleavings. The counts of classes are part of the test: a different one means that
// the code touches shared lines otherwise than it did, or that the exploration has changed.
#include <catch2/catch.hpp>
#include <cstdio>
#include <new>

#include "test/simulate/interleavings.hpp"
#include "urpc/urpc.hpp"

namespace {

using namespace skerry;
using namespace skerry::urpc;
using interleavings::Result;
using interleavings::System;

struct WakingPoker : Poker {
    explicit WakingPoker(uint32_t thread) : target(thread) {}
    uint32_t target;
    void poke() override { interleavings::wake(target); }
};

// A frame with rings of few lines, and a channel at each side.
struct World {
    alignas(4096) std::byte frame[4096];
    WakingPoker wakes[2] = {WakingPoker(1), WakingPoker(0)};  // of side a: wakes b's thread
    uint64_t assembly[2][max_message_words];
    alignas(Channel) std::byte place[2][sizeof(Channel)];
    Channel* side[2] = {};
    uint64_t got[2] = {};  // messages that each side has received in order

    ChannelLayout layout(uint32_t i) {
        return ChannelLayout::of(frame, sizeof frame, i == 0 ? Side::a : Side::b).value();
    }
    void prepare(uint32_t lines) {
        for (uint32_t i = 0; i < 2; ++i) {
            ChannelLayout of_side = layout(i);
            of_side.lines = lines;
            side[i] = new (place[i]) Channel(of_side, wakes[i], assembly[i]);
            got[i] = 0;
        }
    }
    // As a dispatcher does: looks, and when there is nothing, says that it sleeps, looks again, and sleeps.
    template <typename Look>
    void until(uint32_t i, Look look, bool receiving = true) {
        while (!look()) {
            if (side[i]->prepare_to_block(receiving)) interleavings::wait();
            side[i]->cancel_block();
        }
    }
    // Its first lap ended after the seventh line, if it has come so far.
    bool first_lap_is_short(uint32_t i) {
        if (side[i]->lines_sent() < short_lap) return true;
        const Line* ring = layout(i).our_ring;
        return (ring[short_lap - 1].header.load() & Header::short_lap_bit) != 0;
    }
    void send(uint32_t i, uint64_t number, size_t words = 1) {
        uint64_t payload[max_message_words] = {};
        for (size_t w = 0; w < words; ++w) payload[w] = number;
        until(
            i,
            [&] {
                return side[i]->try_send(1, static_cast<uint16_t>(number), {payload, words}).error() != Error::full;
            },
            false);
    }
    void receive(uint32_t i) {
        until(i, [&] {
            auto message = side[i]->receive();
            if (!message.ok()) return message.error() != Error::again;
            bool right = message->id == got[i] + 1 && message->words[0] == got[i] + 1;
            got[i] = right ? got[i] + 1 : got[i] + 1000;
            return true;
        });
    }
};

World& world() {
    static World world;
    return world;
}

struct Before {
    uint64_t sent = 0;      // messages of side a that wait
    uint64_t answered = 0;  // each with one of side b
};

Result all(uint32_t lines, std::function<void(World&)> a, std::function<void(World&)> b, uint64_t at_a, uint64_t at_b,
           Before before = {}) {
    World& w = world();
    auto prepare = [&w, lines, before] {
        w.prepare(lines);
        for (uint64_t i = 1; i <= before.answered; ++i) w.send(0, i), w.receive(1), w.send(1, i), w.receive(0);
        for (uint64_t i = 1; i <= before.sent; ++i) w.send(0, i);
    };
    System system{w.frame, prepare, {[&] { a(w); }, [&] { b(w); }}, [&w, at_a, at_b] {
                      return w.got[0] == at_a && w.got[1] == at_b && w.first_lap_is_short(0) && w.first_lap_is_short(1);
                  }};
    Result result = interleavings::explore(system);
    std::printf("  %llu interleavings, %llu runs left early, up to %llu steps: ",
                static_cast<unsigned long long>(result.complete), static_cast<unsigned long long>(result.redundant),
                static_cast<unsigned long long>(result.longest));
    std::printf("%s\n", Catch::getResultCapture().getCurrentTestName().c_str());
    CHECK(result.stuck == 0);
    CHECK(result.wrong == 0);
    return result;
}

}  // namespace

TEST_CASE("exploration counts what can be counted by hand", "[interleavings]") {
    alignas(64) static std::byte memory[256];
    auto words = [](size_t line) { return reinterpret_cast<std::atomic<uint64_t>*>(memory + 64 * line); };
    auto count = [&](std::function<void()> a, std::function<void()> b) {
        return interleavings::explore({memory, [] {}, {a, b}, [] { return true; }});
    };
    auto store = [&](size_t line) { words(line)->store(1, std::memory_order_relaxed); };
    auto load = [&](size_t line) { (void)words(line)->load(std::memory_order_relaxed); };
    SECTION("different lines: one") {
        CHECK(count([&] { store(0), store(0); }, [&] { store(1), store(1); }).complete == 1);
    }
    SECTION("loads of one line: one") {
        CHECK(count([&] { load(0), load(0); }, [&] { load(0), load(0); }).complete == 1);
    }
    SECTION("two stores each to one line: 4 over 2") {
        CHECK(count([&] { store(0), store(0); }, [&] { store(0), store(0); }).complete == 6);
    }
    SECTION("store one, load the other: three of four orders") {
        CHECK(count([&] { store(0), load(1); }, [&] { store(1), load(0); }).complete == 3);
    }
    SECTION("a wait that nobody ends") {
        Result result = count([&] { interleavings::wait(); }, [&] { store(0); });
        CHECK(result.complete == 1);
        CHECK(result.stuck == 1);
    }
}

TEST_CASE("a sleeper that looks before it says so is found", "[interleavings]") {
    alignas(64) static std::byte memory[128];
    auto* line = reinterpret_cast<std::atomic<uint64_t>*>(memory);
    auto* asleep = reinterpret_cast<std::atomic<uint64_t>*>(memory + 64);
    auto sender = [&] {
        line->store(1);
        if (asleep->load() != 0) interleavings::wake(1);
    };
    auto sleeper = [&](bool early) {
        bool there = early && line->load() != 0;
        asleep->store(1);
        if (!early) there = line->load() != 0;
        if (!there) interleavings::wait();
    };
    auto count = [&](bool early) {
        return interleavings::explore({memory, [] {}, {sender, [&] { sleeper(early); }}, [] { return true; }});
    };
    CHECK(count(false).stuck == 0);
    CHECK(count(true).stuck != 0);
}

TEST_CASE("one message to a side that may sleep", "[interleavings]") {
    Result result = all(
        4, [](World& w) { w.send(0, 1); }, [](World& w) { w.receive(1); }, 0, 1);
    CHECK(result.complete == 61);
}

TEST_CASE("two messages", "[interleavings]") {
    auto send = [](World& w) { w.send(0, 1), w.send(0, 2); };
    Result result = all(
        4, send, [](World& w) { w.receive(1), w.receive(1); }, 0, 2);
    CHECK(result.complete == 13396);
}

TEST_CASE("a message of two lines", "[interleavings]") {
    Result result = all(
        4, [](World& w) { w.send(0, 1, 9); }, [](World& w) { w.receive(1); }, 0, 1);
    CHECK(result.complete == 763);
}

TEST_CASE("a message and its answer", "[interleavings]") {
    auto client = [](World& w) { w.send(0, 1), w.receive(0); };
    auto server = [](World& w) { w.receive(1), w.send(1, 1); };
    Result result = all(4, client, server, 1, 1);
    CHECK(result.complete == 5397);
}

TEST_CASE("a message each way at once", "[interleavings]") {
    auto both = [](uint32_t i) { return [i](World& w) { w.send(i, 1), w.receive(i); }; };
    Result result = all(4, both(0), both(1), 1, 1);
    CHECK(result.complete == 377);
}

TEST_CASE("a side that closes while the other may sleep", "[interleavings]") {
    Result result = all(
        4, [](World& w) { w.side[0]->close(); }, [](World& w) { w.receive(1); }, 0, 0);
    CHECK(result.complete == 5);
}

TEST_CASE("a third message for a ring of two lines: the sender waits for room", "[interleavings]") {
    auto receive = [](World& w) { w.receive(1), w.receive(1), w.receive(1); };
    Result result = all(2, [](World& w) { w.send(0, 3); }, receive, 0, 3, {.sent = 2});
    CHECK(result.complete == 25377);
}

// The next line of both rings ends a short lap: the one after it lies at the ring's begin.
TEST_CASE("two messages over the end of a short lap", "[interleavings]") {
    auto send = [](World& w) { w.send(0, short_lap), w.send(0, short_lap + 1); };
    auto receive = [](World& w) { w.receive(1), w.receive(1); };
    Result result = all(short_lap + 2, send, receive, short_lap - 1, short_lap + 1, {.answered = short_lap - 1});
    CHECK(result.complete == 13274);
}

TEST_CASE("a message and its answer that both end a short lap", "[interleavings]") {
    auto client = [](World& w) { w.send(0, short_lap), w.receive(0); };
    auto server = [](World& w) { w.receive(1), w.send(1, short_lap); };
    Result result = all(short_lap + 2, client, server, short_lap, short_lap, {.answered = short_lap - 1});
    CHECK(result.complete == 4177);
}
