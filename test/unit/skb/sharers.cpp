// Who shares a cache, where cores are not alike.
#include <catch2/catch.hpp>

#include "skb/service/sharers.hpp"

using skerry::skb::Sharers;

TEST_CASE("cores share a cache whose group of hardware ids they are in") {
    Sharers sharers;
    // Two cores of two threads, and two single ones behind them that share a cache of the second level.
    const uint32_t hardware[] = {0, 1, 2, 3, 8, 10};
    const uint32_t second[] = {1, 1, 1, 1, 2, 2};
    const uint32_t expected_second[] = {0, 0, 2, 2, 4, 4};
    for (uint32_t core = 0; core < 6; core++) {
        CHECK(sharers.add(core, hardware[core], 1, 0) == core);
        CHECK(sharers.add(core, hardware[core], 2, second[core]) == expected_second[core]);
        CHECK(sharers.add(core, hardware[core], 3, 4) == 0);
    }
}

TEST_CASE("a core that told no such cache shares none") {
    Sharers sharers;
    CHECK(sharers.add(0, 0, 1, 0) == 0);
    CHECK(sharers.add(1, 1, 3, 2) == 1);  // core 0, of the same group, has none of this level
    CHECK(sharers.add(2, 2, 3, 2) == 1);
    CHECK(sharers.add(3, 3, 3, 1) == 3);  // of another width: not the same
}

TEST_CASE("what is out of range is nobody else's") {
    Sharers sharers;
    CHECK(sharers.add(0, 0, 1, 8) == 0);
    CHECK(sharers.add(1, 1, 0, 8) == 1);
    CHECK(sharers.add(1, 1, Sharers::levels + 1, 8) == 1);
    CHECK(sharers.add(1, 1, 1, 32) == 1);
    CHECK(sharers.add(skerry::urpc::machine_cores_maximum, 1, 1, 8) == skerry::urpc::machine_cores_maximum);
}
