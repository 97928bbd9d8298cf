// Hostile programs against a CPU driver in this process: the calls of usr/hostile/fuzz, a million of them, with
// interrupts, faults and waits between. Nothing may be harmed but those who ask for it. A failure names seed and step;
// the same seed fails again.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "test/unit/hostile/world.hpp"

using namespace skerry;
using namespace skerry::test;

namespace {

constexpr uint64_t mib = 1024 * 1024;

void run(HostileWorld& world, uint64_t seed, uint64_t calls, uint64_t check_every) {
    uint64_t steps = 0;
    try {
        for (; world.tally().calls() < calls; steps++) {
            for (uint64_t i = 0; i < check_every; i++) world.step();
            world.check.all();
        }
        world.finish();
    } catch (const std::logic_error& error) {
        FAIL("seed " << seed << ", before step " << (steps + 1) * check_every << ": " << error.what());
    }
}

// The seeds of every run, or the one that SKERRY_SEED names.
std::vector<uint64_t> seeds() {
    if (const char* given = std::getenv("SKERRY_SEED")) return {std::strtoull(given, nullptr, 0)};
    return {1, 2, 3, 4};
}

}  // namespace

TEST_CASE("hostile programs harm nobody but themselves", "[hostile]") {
    uint64_t seed = GENERATE(from_range(seeds()));
    platform::Arena arena{32 * mib};
    HostileWorld world(arena, 0, mib, 30 * mib, seed);
    run(world, seed, 250'000, 500);
    hostile::Tally tally = world.tally();
    for (size_t i = 0; i < hostile::action_count; i++) {
        UNSCOPED_INFO(hostile::text(static_cast<hostile::Action>(i)) << " " << tally.done[i] << "/" << tally.tried[i]);
    }
    CHECK(world.lives() > 20);
    CHECK(tally.valid() * 5 > tally.calls() * 2);
}

TEST_CASE("hostile programs on two cores meet in pokes and a frame, and nowhere else", "[hostile]") {
    uint64_t seed = seeds()[0] + 100;
    platform::Arena arena{64 * mib};
    HostileWorld a(arena, 0, mib, 30 * mib, seed), b(arena, 1, 32 * mib, 30 * mib, seed + 1);
    a.meet(b);
    b.meet(a);
    try {
        for (int i = 0; i < 200'000; i++) {
            a.step();
            b.step();
            if (i % 500 == 0) a.check.all(), b.check.all();
        }
        a.finish();
        b.finish();
    } catch (const std::logic_error& error) {
        FAIL("seed " << seed << ": " << error.what());
    }
    CHECK(b.driver.core.statistics().interrupts > 1000);
}
