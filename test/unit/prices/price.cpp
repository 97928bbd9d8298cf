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

TEST_CASE("latency and occupancy of a pair", "[prices]") {
    Price price = price_of(1200, 1900, 8);
    CHECK(price.latency == 600);
    CHECK(price.occupancy == 100);
    // Several that took no longer than one, and nothing at all: still positive.
    CHECK(price_of(1200, 1100, 8).occupancy == 1);
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
