// Which pairs of cores are measured.
#include "usr/prices/pairs.hpp"

#include <catch2/catch.hpp>
#include <set>
#include <vector>

using namespace skerry::usr::prices;
using skerry::base::CoreId;
using skerry::base::PackageId;

namespace {

std::vector<Place> machine(uint32_t packages, uint32_t cores_each) {
    std::vector<Place> places;
    for (uint32_t i = 0; i < packages * cores_each; ++i) places.push_back({CoreId{i}, PackageId{i / cores_each}});
    return places;
}

struct Chosen {
    explicit Chosen(const std::vector<Place>& of) : places(of), pairs(places) {
        for (Pair pair : pairs.all()) known.insert({pair.from, pair.to});
    }
    bool has(uint32_t from, uint32_t to) const { return known.contains({from, to}); }

    std::vector<Place> places;
    Pairs pairs;
    std::set<std::pair<uint32_t, uint32_t>> known;
};

}  // namespace

TEST_CASE("pairs: all of a small machine", "[prices]") {
    for (uint32_t cores = 1; cores <= 8; ++cores) {
        Chosen flat(machine(1, cores)), apart(machine(cores, 1));
        CHECK(flat.known.size() == cores * (cores - 1));
        CHECK(apart.known.size() == cores * (cores - 1));
    }
    CHECK(Chosen({}).known.empty());
}

TEST_CASE("pairs: each once, in both directions, never with itself, at most so many", "[prices]") {
    for (uint32_t packages : {1, 2, 3, 4, 8, 16, 32}) {
        for (uint32_t each = 1; packages * each <= members_maximum; ++each) {
            Chosen chosen(machine(packages, each));
            INFO(packages << " packages of " << each);
            uint32_t cores = packages * each;
            CHECK(chosen.pairs.all().size() == chosen.known.size());
            CHECK(chosen.known.size() <= pairs_maximum);
            CHECK((chosen.known.size() == pairs_maximum || chosen.known.size() >= 2 * (cores - 1)));
            for (auto [from, to] : chosen.known) {
                CHECK(from != to);
                CHECK((from < cores && to < cores));
                CHECK(chosen.has(to, from));
            }
        }
    }
}

TEST_CASE("pairs: a sample of a large machine has what the rules ask for", "[prices]") {
    Chosen chosen(machine(8, 4));
    CHECK(chosen.known.size() == 8 * 7 + 8 * 6 + (62 - 14 - 6) + 8 * 6);
    for (uint32_t one = 0; one < 32; ++one) {
        if (one != 0) CHECK((chosen.has(0, one) && chosen.has(one, 0)));
        for (uint32_t other = 0; other < 32; ++other) {
            bool firsts = one % 4 == 0 && other % 4 == 0;
            bool wanted = one / 4 == other / 4 || firsts || one == 0 || other == 0;
            if (one != other) CHECK(chosen.has(one, other) == wanted);
        }
    }
}

TEST_CASE("pairs: the root stands for its package, wherever it lies in it", "[prices]") {
    std::vector<Place> places = machine(4, 4);
    std::swap(places[0], places[6]);  // core 6 leads
    Chosen chosen(places);
    // Its package's cores are 4, 5, 7; that of core 0 has become index 6.
    for (uint32_t first : {1u, 8u, 12u}) CHECK(chosen.has(0, first));
    CHECK(chosen.has(0, 4));
    CHECK(chosen.has(0, 7));
    CHECK_FALSE(chosen.has(4, 8));
    CHECK(chosen.has(1, 8));
}

TEST_CASE("pairs: with more than fit, first those that say most", "[prices]") {
    Chosen flat(machine(1, 32));
    CHECK(flat.known.size() == pairs_maximum);
    for (uint32_t other = 1; other < 32; ++other) CHECK(flat.has(0, other));
    for (uint32_t packages : {16, 4, 2}) {
        INFO(packages);
        uint32_t each = 32 / packages, cores = packages * each;
        Chosen chosen(machine(packages, each));
        CHECK(chosen.known.size() == pairs_maximum);
        for (uint32_t other = 1; other < cores; ++other) CHECK(chosen.has(0, other));
        for (uint32_t first = 0; first < cores; first += each) {
            for (uint32_t other = first + 1; other < first + each; ++other) CHECK(chosen.has(first, other));
        }
    }
}
