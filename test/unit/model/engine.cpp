// Programs on simulated cores: who waits for what, for how long.
#include <catch2/catch.hpp>

#include "platforms/simulated/model/engine.hpp"

namespace skerry::simulated::model {

namespace {

constexpr auto relaxed = std::memory_order_relaxed;

// Two packages of two cores; accesses cost ten parts, reads a thousand, takes five hundred.
struct World {
    Machine machine = Machine::parse("test",
                                     "packages = 2\ndies_per_package = 1\ncores_per_die = 2\nnodes = 2\nlink = 0 1\n"
                                     "cost stores_in_flight = 2 from this test\n");
    Prices prices = Prices::free(machine);
    Memory memory{1 << 20};
    uint64_t* words;
    std::unique_ptr<Engine> engine;

    World() : words(reinterpret_cast<uint64_t*>(memory.take(0, 2 * page_bytes))) {
        prices.read.fill(1000);
        prices.take.fill(500);
        prices.memory = 2000;
        CoreModel model;
        model.cycles_per_access = 10.0 / one_cycle;
        engine = std::make_unique<Engine>(machine, prices, model, memory);
    }
    uint64_t& word(uint64_t line) { return words[line * 8]; }
    Access access(uint64_t line, AccessKind kind, std::memory_order order = relaxed) {
        return {0, &word(line), 8, kind, true, order};
    }
    uint64_t load(uint64_t line) { return engine->load(access(line, AccessKind::load)); }
    void store(uint64_t line, uint64_t value, std::memory_order order = relaxed) {
        engine->store(access(line, AccessKind::store, order), value);
    }
    Time now() { return engine->now(); }
};

}  // namespace

TEST_CASE("a load waits; a store retires in the background; the core itself sees it at once") {
    World world;
    world.engine->start(0, [&] {
        CHECK(world.load(0) == 0);
        CHECK(world.now() == 2010);
        world.store(1, 7);
        CHECK(world.now() == 2020);
        CHECK(world.load(1) == 7);
        CHECK(world.word(1) == 0);  // nobody else does
        world.engine->drain();
        CHECK(world.word(1) == 7);
        CHECK(world.now() == 4020);
    });
    world.engine->run();
}

TEST_CASE("a core stalls when too many lines are on their way, and at a full barrier") {
    World world;
    world.engine->start(0, [&] {
        world.store(1, 1);
        world.store(2, 2);
        CHECK(world.now() == 20);
        world.store(3, 3);
        CHECK(world.now() == 2010);
        CHECK(world.engine->count(0).stalls == 1);
        world.store(4, 4, std::memory_order_seq_cst);
        CHECK(world.now() > 4000);
        CHECK(world.word(3) == 3);
        CHECK(world.word(4) == 4);
    });
    world.engine->run();
}

TEST_CASE("a line that was hinted comes in the background, no more at once than a core can wait for") {
    World world;
    world.engine->start(0, [&] {
        for (uint64_t line : {1, 2, 3}) world.engine->hint(&world.word(line), false);
        CHECK(world.now() == 30);
        CHECK(world.load(1) == 0);
        CHECK(world.now() == 2010);  // from the hint on
        CHECK(world.load(2) == 0);
        CHECK(world.now() == 2020);
        CHECK(world.load(3) == 0);  // one too many: not asked for
        CHECK(world.now() == 4030);
        world.engine->hint(&world.word(3), true);
        CHECK(world.engine->directory().state(0, 3) == State::exclusive);  // it is here already
        world.engine->hint(&world.word(1) + 1'000'000, false);             // nobody's memory: nothing
    });
    world.engine->run();
    CHECK(world.engine->count(0).prefetched == 2);
}

TEST_CASE("stores take effect in their order") {
    World world;
    uint64_t first = 0, second = 0;
    world.engine->start(0, [&] {
        world.load(2);  // line 2 is here already, line 1 has to come
        world.store(1, 1);
        world.store(2, 2);
        world.engine->drain();
    });
    world.engine->start(1, [&] {
        while (second == 0) {
            second = world.load(2);
            first = world.load(1);
            CHECK(first >= second / 2);
        }
    });
    world.engine->run();
    CHECK(second == 2);
}

TEST_CASE("who polls is parked until its line goes, and charged as if it had polled") {
    World world;
    Time seen = 0;
    world.engine->start(0, [&] {
        while (world.load(5) == 0) {
        }
        seen = world.now();
    });
    world.engine->start(
        1,
        [&] {
            world.store(5, 1);
            world.engine->drain();
        },
        1'000'000);
    world.engine->run();
    CHECK(world.engine->count(0).parked >= 1);
    CHECK(world.engine->count(0).accesses < 20);
    // Taken at 1,000,010, there after 500 (an exclusive copy: a read), read by who looks every 10 within 1,000 more.
    CHECK(seen > 1'001'500);
    CHECK(seen < 1'003'100);
    CHECK(world.engine->rescues() == 0);
}

TEST_CASE("two that wait for each other are found out") {
    World world;
    for (CoreIndex core : {0, 1}) {
        world.engine->start(core, [&world, core] {
            while (world.load(10 + core) == 0) {
            }
        });
    }
    CHECK_THROWS_AS(world.engine->run(), Deadlock);
}

TEST_CASE("updates are whole, whoever runs") {
    World world;
    for (CoreIndex core = 0; core < 4; ++core) {
        world.engine->start(core, [&world] {
            for (int i = 0; i < 25; ++i) {
                world.engine->update(world.access(0, AccessKind::update), UpdateKind::add, 1);
            }
        });
    }
    world.engine->run();
    CHECK(world.word(0) == 100);
}

}  // namespace skerry::simulated::model
