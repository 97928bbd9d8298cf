// What the exploration of whole systems by messages and driver entries rests on, by examples that can be counted by hand.
#include <catch2/catch.hpp>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "platforms/simulated/orders.hpp"

namespace {

using skerry::simulated::Orders;

struct Step {
    uint64_t object;
    bool writes;
    uint64_t side = 0;
};
using Steps = std::vector<Step>;
constexpr Step write(uint64_t object) {
    return {object, true, 0};
}
constexpr Step read(uint64_t object) {
    return {object, false, 0};
}

struct Explored {
    Orders::Counts counts;
    std::set<std::string> runs;  // who took which step: "0101"
    bool overflown;
};

// Both cores' steps in all orders. `late`: what the first step of core 0 touches is known only after its second.
Explored explore(const Steps& zero, const Steps& one, bool late = false) {
    auto orders = std::make_unique<Orders>();
    const Steps* steps[] = {&zero, &one};
    Explored found;
    for (bool more = true; more;) {
        orders->begin_run();
        size_t at[] = {0, 0};
        uint32_t first = 0;
        std::string run;
        for (;;) {
            uint32_t ready = (at[0] < zero.size() ? 1u : 0u) | (at[1] < one.size() ? 2u : 0u);
            if (ready == 0) break;
            uint32_t core = orders->choose(ready, 0);
            if (core == Orders::nobody) break;
            const Step& step = (*steps[core])[at[core]++];
            run += static_cast<char>('0' + core);
            bool waits = late && core == 0 && at[0] == 1;
            if (waits) first = orders->step();
            if (!waits) orders->touched(orders->step(), step.object, step.writes, step.side);
            if (late && core == 0 && at[0] == 2) orders->touched(first, zero[0].object, zero[0].writes);
        }
        bool complete = at[0] == zero.size() && at[1] == one.size();
        if (complete) CHECK(found.runs.insert(run).second);  // none twice
        more = orders->end_run(complete);
    }
    found.counts = orders->counts();
    found.overflown = orders->overflown();
    return found;
}

}  // namespace

TEST_CASE("orders that matter are counted as by hand", "[orders]") {
    SECTION("different objects: one") {
        CHECK(explore({write(1), write(1)}, {write(2), write(2)}).counts.complete == 1);
    }
    SECTION("reads: one") {
        CHECK(explore({read(1), read(1)}, {read(1), read(1)}).counts.complete == 1);
    }
    SECTION("two writes each: 4 over 2") {
        CHECK(explore({write(1), write(1)}, {write(1), write(1)}).counts.complete == 6);
    }
    SECTION("three writes each: 6 over 3") {
        CHECK(explore({write(1), write(1), write(1)}, {write(1), write(1), write(1)}).counts.complete == 20);
    }
    SECTION("write one, read the other: three of four") {
        CHECK(explore({write(1), read(2)}, {write(2), read(1)}).counts.complete == 3);
    }
    SECTION("one write among three reads: four") {
        CHECK(explore({read(1), read(1), read(1)}, {write(1)}).counts.complete == 4);
    }
    SECTION("what is on one side may change places") {
        Step mine{1, true, 7}, theirs{1, true, 8};
        CHECK(explore({mine}, {mine}).counts.complete == 1);
        CHECK(explore({mine}, {theirs}).counts.complete == 2);
    }
    SECTION("what a step has touched may be known later") {
        CHECK(explore({read(1), read(2), read(3)}, {write(1)}, true).counts.complete == 2);
    }
}

TEST_CASE("an order that must not be missed is not missed", "[orders]") {
    // Of all orders of steps by two cores, each class has a run: here all are classes of their own.
    Explored found = explore({write(1), write(1), write(1)}, {write(1), write(1)});
    CHECK(found.runs.size() == 10);
    CHECK(found.runs.count("11000") == 1);
    CHECK(found.runs.count("00011") == 1);
    CHECK(found.runs.count("01010") == 1);
}

TEST_CASE("a barrier parts what was before from what comes", "[orders]") {
    auto orders = std::make_unique<Orders>();
    orders->begin_run();
    CHECK(orders->choose(1, 0) == 0);
    orders->touched(0, 1, true);
    orders->barrier();
    CHECK(orders->choose(3, 1) == 1);  // core 0 comes later if it may
    orders->touched(1, 1, true);
    CHECK(orders->choose(1, 0) == 0);
    CHECK_FALSE(orders->end_run(true));
    CHECK(orders->counts().races == 0);
}

TEST_CASE("a step that touches too much is said, and ends it", "[orders]") {
    auto orders = std::make_unique<Orders>();
    orders->begin_run();
    CHECK(orders->choose(3, 0) == 0);
    for (uint64_t i = 0; i <= Orders::touches_maximum; ++i) orders->touched(0, i, true);
    CHECK(orders->overflown());
    CHECK(orders->choose(3, 0) == Orders::nobody);
    CHECK_FALSE(orders->end_run(false));
}
