// Which cores of a large machine take part in measuring.
#include "usr/prices/sample.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <set>
#include <vector>

#include "urpc/protocols/machine_info.hpp"

using namespace skerry::usr::prices;
using skerry::base::CoreId;
using skerry::base::PackageId;

namespace {

// Core `root` leads, so it comes first.
std::vector<Place> machine(uint32_t packages, uint32_t each, uint32_t root = 0) {
    std::vector<Place> places{{CoreId{root}, PackageId{root / each}}};
    for (uint32_t i = 0; i < packages * each; ++i) {
        if (i != root) places.push_back({CoreId{i}, PackageId{i / each}});
    }
    return places;
}

// Members of each package.
std::map<uint32_t, uint32_t> members(std::vector<Place> places) {
    std::map<uint32_t, uint32_t> found;
    uint32_t count = choose_members(places);
    for (uint32_t i = 0; i < count; ++i) ++found[places[i].package.value];
    return found;
}

}  // namespace

TEST_CASE("sample: all of a machine that is not large", "[prices]") {
    for (uint32_t each : {1u, 2u, 31u, 32u}) {
        std::vector<Place> places = machine(1, each), before = places;
        CHECK(choose_members(places) == each);
        for (uint32_t i = 0; i < each; ++i) CHECK(places[i].core == before[i].core);
    }
    CHECK(members(machine(8, 4)).size() == 8);
}

TEST_CASE("sample: at most so many of a large one, each once, the root first, both classes", "[prices]") {
    for (uint32_t packages = 1; packages <= 255; ++packages) {
        for (uint32_t each = (members_maximum + packages) / packages;
             packages * each <= skerry::urpc::machine_cores_maximum; each += 1 + each / 3) {
            for (uint32_t root : {0u, packages * each / 2, packages * each - 1}) {
                INFO(packages << " packages of " << each << ", core " << root << " leads");
                std::vector<Place> places = machine(packages, each, root);
                uint32_t count = choose_members(places);
                REQUIRE(count <= members_maximum);
                REQUIRE(count > members_maximum / 2);
                CHECK(places[0].core == CoreId{root});
                std::set<uint32_t> cores, of;
                bool near = false;
                for (uint32_t i = 0; i < count; ++i) {
                    cores.insert(places[i].core.value);
                    of.insert(places[i].package.value);
                    CHECK(places[i].package.value == places[i].core.value / each);
                    CHECK((i < 2 || places[i - 1].core < places[i].core));
                    near |= i != 0 && places[i].package == places[0].package;
                }
                CHECK(cores.size() == count);
                CHECK(near == (each > 1));
                CHECK(of.size() == std::min(packages, members_maximum / 2 + 1));
            }
        }
    }
}

TEST_CASE("sample: packages alike, and from all over the machine", "[prices]") {
    for (auto [package, count] : members(machine(4, 64))) CHECK(count == 8);
    for (auto [package, count] : members(machine(8, 32, 255))) CHECK(count == 4);
    CHECK(members(machine(1, 255)) == std::map<uint32_t, uint32_t>{{0, 32}});
    // 16 of 63 other packages: every fourth or third.
    auto spread = members(machine(64, 4));
    CHECK(spread.size() == 17);
    for (auto next = spread.begin(), one = next++; next != spread.end(); one = next++)
        CHECK(next->first - one->first <= 4);
    CHECK(spread.rbegin()->first >= 60);
    // 17 have one, and 15 of them another.
    CHECK(spread[0] == 2);
}
