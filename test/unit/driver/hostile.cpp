// Hostile programs against a CPU driver in this process: the calls of usr/hostile/fuzz, a million of them, with
// interrupts, faults and waits between. Nothing may be harmed but those who ask for it. A failure names seed and step;
// the same seed fails again.
#include <catch2/catch.hpp>

#include <cstdlib>

#include "test/unit/driver/hostile_world.hpp"

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
