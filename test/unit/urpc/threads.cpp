// Two real threads, a million messages, both blocking whenever they find nothing: a wake-up lost once hangs,
// and the test says so after its timeout.
#include <catch2/catch.hpp>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "test/unit/urpc/pair.hpp"

using namespace skerry::urpc;
using namespace skerry::urpc::test;

namespace {
// What a Notify capability and the wait system call do: a poke is kept until the dispatcher runs.
class Sleeper : public Poker {
  public:
    void poke() override {
        std::lock_guard lock(mutex_);
        poked_ = true;
        ++pokes_;
        condition_.notify_one();
    }
    bool wait() {
        std::unique_lock lock(mutex_);
        bool woken = condition_.wait_for(lock, std::chrono::seconds(30), [this] { return poked_; });
        poked_ = false;
        ++waits_;
        return woken;
    }
    uint64_t pokes() { return std::lock_guard(mutex_), pokes_; }
    uint64_t waits() { return std::lock_guard(mutex_), waits_; }

  private:
    std::mutex mutex_;
    std::condition_variable condition_;
    bool poked_ = false;
    uint64_t pokes_ = 0, waits_ = 0;
};

constexpr uint64_t messages = 1'000'000;

struct Party {
    Channel channel;
    Sleeper& self;
    uint64_t echo_every;  // 0: sends `messages` of its own
    uint64_t sent = 0, received = 0, echoes_due = 0;
    bool lost = false, wrong = false;

    bool done() const { return echo_every ? received == messages && echoes_due == 0 : sent == messages; }

    bool step(uint64_t expected_echoes) {
        bool progress = false;
        for (auto message = channel.receive(); message.ok(); message = channel.receive()) {
            wrong |= message->words[0] != received++;
            if (echo_every && received % echo_every == 0) ++echoes_due;
            progress = true;
        }
        // Bursts of different lengths, so that both sides meet the other asleep, waking, polling and full.
        for (uint64_t burst = 1 + sent % 7; burst > 0; --burst) {
            bool wants = echo_every ? echoes_due > 0 : sent < messages && received + 40 > sent / expected_echoes;
            if (!wants) break;
            uint64_t words[9] = {sent};
            if (!channel.try_send(1, 0, std::span(words, sent % 5 == 0 ? 9 : 1)).ok()) break;
            ++sent;
            if (echo_every) --echoes_due;
            progress = true;
        }
        return progress;
    }

    void run(uint64_t every, uint64_t echoes) {
        while (!wrong && !lost && !channel.closed() && !(done() && received == echoes)) {
            if (step(every)) continue;
            if (channel.prepare_to_block()) lost = !self.wait();
            channel.cancel_block();
        }
        if (wrong || lost) channel.close();
    }
};

void exchange(uint64_t echo_every) {
    Frame<> frame;
    Sleeper sleep_a, sleep_b;
    uint64_t buffer_a[14], buffer_b[14];
    Party a{Channel(frame.layout(Side::a), sleep_b, buffer_a), sleep_a, 0};
    Party b{Channel(frame.layout(Side::b), sleep_a, buffer_b), sleep_b, echo_every};
    uint64_t echoes = messages / echo_every;
    std::thread other([&] { b.run(echo_every, messages); });
    a.run(echo_every, echoes);
    other.join();
    REQUIRE((!a.lost && !b.lost));
    REQUIRE((!a.wrong && !b.wrong));
    REQUIRE(a.sent == messages);
    REQUIRE(b.received == messages);
    REQUIRE(a.received == echoes);
    // Each poke answers an announcement: never more pokes than times somebody went to sleep or was about to.
    INFO("pokes " << sleep_a.pokes() << " " << sleep_b.pokes() << " waits " << sleep_a.waits() << " "
                  << sleep_b.waits());
    REQUIRE(sleep_a.pokes() + sleep_b.pokes() < messages / 2);
}

// Brings two threads to the same point at nearly the same time, without a lock.
class Meeting {
  public:
    explicit Meeting(std::atomic<uint64_t>& arrived) : arrived_(arrived) {}
    void meet() {
        goal_ += 2;
        arrived_.fetch_add(1);
        for (int spins = 0; arrived_.load() < goal_; ++spins) {
            if (spins > 5000) std::this_thread::yield();
        }
    }

  private:
    std::atomic<uint64_t>& arrived_;
    uint64_t goal_ = 0;
};
}  // namespace

TEST_CASE("sending at the very moment of blocking is either seen or poked", "[urpc][threads]") {
    constexpr int rounds = 30'000;
    Pair<> pair;
    std::atomic<uint64_t> arrived = 0;
    bool blocks = false;
    int lost = 0, blocked = 0, pokes_before = 0;
    std::thread sleeper([&] {
        Meeting meeting(arrived);
        for (int i = 0; i < rounds; ++i) {
            (void)pair.b.receive();  // the line that the sender is about to write is in this core's cache
            meeting.meet();
            for (volatile int delay = i % 61; delay > 0;) delay = delay - 1;
            blocks = pair.b.prepare_to_block();
            meeting.meet();
            meeting.meet();
            pair.b.cancel_block();
            while (pair.b.receive().ok()) {
            }
        }
    });
    Meeting meeting(arrived);
    for (int i = 0; i < rounds; ++i) {
        pokes_before = pair.poke_b.count;
        if (pair.a.prepare_to_block()) pair.a.cancel_block();  // the sleeper's state is in this core's cache
        meeting.meet();
        for (volatile int delay = i % 47; delay > 0;) delay = delay - 1;
        (void)pair.a.try_send(1, 1, {});
        meeting.meet();
        blocked += blocks;
        lost += blocks && pair.poke_b.count == pokes_before;
        meeting.meet();
    }
    sleeper.join();
    INFO("blocked " << blocked << " of " << rounds);
    REQUIRE(lost == 0);
    REQUIRE(blocked > 0);
}

TEST_CASE("a million messages one way lose no wake-up", "[urpc][threads]") {
    exchange(1000);
}
TEST_CASE("a million messages with echoes lose no wake-up", "[urpc][threads]") {
    exchange(50);
}
