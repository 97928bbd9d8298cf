// What a message costs, out of what was measured; and as facts.
#include "usr/prices/price.hpp"

#include <catch2/catch.hpp>

#include "usr/prices/facts.hpp"

using namespace skerry::usr::prices;
using skerry::base::CoreId;

TEST_CASE("a series' median does not see a few that took long", "[prices]") {
    Series series;
    CHECK(series.median() == 0);
    for (uint64_t value : {9, 1000000, 7, 8, 1}) series.add(value);
    CHECK(series.median() == 8);
    CHECK(series.median() == 8);
    series.add(2);
    CHECK(series.median() == 8);
    series.add(3);
    CHECK(series.median() == 7);
    while (!series.full()) series.add(5);
    series.add(1);
    CHECK(series.size() == Series::most);
    CHECK(series.median() == 5);
}

TEST_CASE("a series is steady when most of it agrees, whatever a few took", "[prices]") {
    Series same;
    for (uint32_t i = 0; i + 1 < Series::steady_from; ++i) same.add(800 + i);
    CHECK_FALSE(same.steady());
    same.add(1000000);
    CHECK(same.steady());
    CHECK(same.median() == 806);
    Series apart;
    for (uint32_t i = 0; i < Series::steady_from; ++i) apart.add(i % 2 == 0 ? 800 : 1000);
    CHECK_FALSE(apart.steady());
    for (uint32_t i = 0; i < 3 * Series::steady_from; ++i) apart.add(1000);
    CHECK(apart.steady());
    Series wide;
    for (uint32_t i = 0; i < Series::steady_from; ++i) wide.add(i % 2 == 0 ? 0 : ~uint64_t{0});
    CHECK_FALSE(wide.steady());
}

TEST_CASE("latency and occupancy of a pair", "[prices]") {
    Price price = price_of(1200, 800, 8);
    CHECK(price.latency == 550);
    CHECK(price.occupancy == 100);
    // Own work that takes longer than a message does.
    CHECK(price_of(100, 8000, 8).latency == 25);
    CHECK(price_of(100, 8000, 8).occupancy == 1000);
    // Nothing at all: still positive.
    CHECK(price_of(1200, 7, 8).occupancy == 1);
    CHECK(price_of(0, 0, 8).latency == 1);
    // A host that slept in between: what fits.
    CHECK(price_of(~uint64_t{0}, ~uint64_t{0}, 8).latency == ~uint32_t{0});
    CHECK(price_of(0, ~uint64_t{0}, 8).occupancy == ~uint32_t{0});
}

TEST_CASE("prices as facts, of any length", "[prices]") {
    Facts text;
    write_facts(CoreId{3}, CoreId{0}, {600, 100}, text);
    CHECK(text.view() == "message_latency(3, 0, 600). message_occupancy(3, 0, 100).\n");
    Facts longest;
    write_facts(CoreId{254}, CoreId{253}, {~uint32_t{0}, ~uint32_t{0}}, longest);
    CHECK_FALSE(longest.cut());
    CHECK(longest.view().ends_with("4294967295).\n"));
}
