#include "monitor/clock_estimate.hpp"

#include <catch2/catch.hpp>

using skerry::monitor::ClockEstimate;
using skerry::monitor::not_ahead;
using skerry::monitor::plausible_sleep;

TEST_CASE("the exchange with the shortest round trip tells the offset", "[monitor]") {
    ClockEstimate estimate;
    CHECK_FALSE(estimate.valid());
    // The other clock is 1,000,000 ahead; 500 ns one way, both ways the same.
    estimate.add(100, 1'000'600, 1'000'700, 1'200);
    REQUIRE(estimate.valid());
    CHECK(estimate.offset() == 1'000'000);
    CHECK(estimate.error() == 500);
    // Slower and lopsided: does not count.
    estimate.add(2'000, 1'009'000, 1'009'000, 9'100);
    CHECK(estimate.offset() == 1'000'000);
    // Faster.
    estimate.add(10'000, 1'010'010, 1'010'010, 10'020);
    CHECK(estimate.offset() == 1'000'000);
    CHECK(estimate.error() == 10);
}

TEST_CASE("a clock that lags gives a negative offset; nonsense gives none", "[monitor]") {
    ClockEstimate estimate;
    estimate.add(5'000'100, 600, 700, 5'001'200);
    CHECK(estimate.offset() == -5'000'000);
    ClockEstimate nothing;
    nothing.add(100, 50, 50, 90);    // back before it was sent
    nothing.add(100, 60, 50, 200);   // answered before it came
    nothing.add(100, 50, 500, 200);  // answering took longer than all of it
    CHECK_FALSE(nothing.valid());
}

TEST_CASE("only a real sleep, seen alike by both clocks, counts", "[monitor]") {
    constexpr uint64_t asked = 1'000'000;
    CHECK(plausible_sleep(asked, 1'000'000, 1'000'000, 0));
    CHECK(plausible_sleep(asked, 1'300'000, 1'290'000, 0));
    CHECK(plausible_sleep(asked, 1'000'000, 1'200'000, 200'000));
    CHECK_FALSE(plausible_sleep(asked, 999'999, 999'999, 0));              // woke early
    CHECK_FALSE(plausible_sleep(asked, 2'000'000'000, 2'000'000'000, 0));  // absurdly late
    CHECK_FALSE(plausible_sleep(asked, 2'000'000, 1'000'000, 100));        // one clock runs at half the rate
    CHECK_FALSE(plausible_sleep(asked, 1'000'000, 0, 100));                // the other stands still
}

TEST_CASE("an estimate is good when its error is small; one that was disturbed is not", "[monitor]") {
    ClockEstimate estimate;
    CHECK_FALSE(estimate.good());
    // Both clocks are the same; the answer waited 8 ms for its turn on the way back.
    estimate.add(1'000, 2'000, 3'000, 8'004'000);
    CHECK(estimate.valid());
    CHECK(estimate.offset() < -3'900'000);
    CHECK_FALSE(estimate.good());
    estimate.add(9'000'000, 9'001'000, 9'002'000, 9'003'000);
    CHECK(estimate.good());
    CHECK(estimate.offset() == 0);
}

TEST_CASE("an advance within the exchange's error is none", "[monitor]") {
    CHECK(not_ahead(0, 0));
    CHECK(not_ahead(5'000'000, 0));   // behind
    CHECK(not_ahead(-1'000'000, 0));  // negligible
    CHECK_FALSE(not_ahead(-1'000'001, 0));
    CHECK(not_ahead(-4'000'000, 4'000'000));  // no better known
    CHECK_FALSE(not_ahead(-4'000'000, 2'000'000));
}
