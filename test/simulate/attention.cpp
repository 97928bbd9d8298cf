// How a program that spans cores asks a dispatcher that may poll (usr/span), all interleavings of asker and asked.
#include <catch2/catch.hpp>
#include <cstdio>

#include "test/simulate/interleavings.hpp"
#include "usr/span/attention.hpp"

namespace {

using namespace skerry;
using interleavings::Result;
using usr::span::Attention;

// As in Span::Seat and a FlushLine: who writes together lies together.
struct Shared {
    alignas(64) std::atomic<uint64_t> asked, request;
    alignas(64) std::atomic<bool> polls;
    alignas(64) std::atomic<uint64_t> answer;
};
alignas(64) std::byte memory[sizeof(Shared)];
Shared& shared() {
    return *reinterpret_cast<Shared*>(memory);
}

// Its driver when it is interrupted, or asked by itself: whatever the line asks for. Both are one core's, so the later one does
// not take back what the earlier has said.
void answer() {
    uint64_t request = shared().request.load(std::memory_order_acquire);
    uint64_t before = shared().answer.load(std::memory_order_relaxed);
    while (before < request && !shared().answer.compare_exchange_weak(before, request)) {
    }
}

struct Asker {
    uint64_t requests = 0, left = 0;

    void run() {
        for (uint64_t number = 1; number <= requests; ++number) {
            shared().request.store(number, std::memory_order_release);
            if (!usr::span::ask(shared().asked, shared().polls)) {
                answer();
                continue;
            }
            ++left;
            while (shared().answer.load(std::memory_order_acquire) != number) interleavings::wait();
        }
    }
};

// A dispatcher that polls for `turns`, blocks, is woken for something else, and so on.
struct Asked {
    uint32_t turns = 1, times = 1;
    bool looks_early = false;  // the mistake: looks, and then says that it does not look any more

    static void see_to(bool asked) {
        if (!asked) return;
        answer();
        interleavings::wake(0);
    }
    void run() const {
        Attention attention(shared().asked, shared().polls);
        for (uint32_t time = 0; time < times; ++time) {
            attention.watch();
            for (uint32_t turn = 0; turn < turns; ++turn) see_to(attention.taken());
            if (looks_early) {
                see_to(attention.taken());
                shared().polls.store(false);
            } else {
                see_to(attention.rest());
            }
        }
    }
};

Result all(uint64_t requests, Asked asked, uint64_t& left) {
    Asker asker;
    Result result = interleavings::explore({memory,
                                            [&] {
                                                asker = {requests, 0};
                                            },
                                            {[&] { asker.run(); }, [&] { asked.run(); }},
                                            [&] {
                                                left += asker.left;
                                                return shared().answer.load() == requests;
                                            }});
    std::printf("  %llu interleavings, up to %llu steps: %s\n", static_cast<unsigned long long>(result.complete),
                static_cast<unsigned long long>(result.longest),
                Catch::getResultCapture().getCurrentTestName().c_str());
    return result;
}

}  // namespace

TEST_CASE("a dispatcher that polls, and rests, leaves nobody waiting", "[interleavings]") {
    for (uint64_t requests : {1, 2}) {
        for (Asked asked : {Asked{0, 1}, Asked{1, 1}, Asked{2, 1}, Asked{1, 2}}) {
            uint64_t left = 0;
            Result result = all(requests, asked, left);
            INFO(requests << " requests, " << asked.turns << " turns, " << asked.times << " times");
            CHECK(result.complete != 0);
            CHECK(result.stuck == 0);
            CHECK(result.wrong == 0);
            CHECK(left != 0);  // in some of them it saw to it itself
        }
    }
}

TEST_CASE("a dispatcher that looks before it says that it rests is found", "[interleavings]") {
    uint64_t left = 0;
    CHECK(all(1, Asked{1, 1, true}, left).stuck != 0);
}
