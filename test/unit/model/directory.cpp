// States of lines and the price of each way from one to another.
#include <catch2/catch.hpp>

#include "platforms/simulated/model/directory.hpp"
#include "platforms/simulated/model/prefetcher.hpp"
#include "platforms/simulated/model/tlb.hpp"

namespace skerry::simulated::model {

namespace {

using Kind = Directory::Kind;

struct World : CopyWatcher {
    Machine machine = Machine::parse("test",
                                     "packages = 2\ndies_per_package = 1\ncores_per_die = 2\nnodes = 2\nlink = 0 1\n"
                                     "cost stores_in_flight = 8 from this test\n");
    Prices prices;
    std::vector<std::pair<CoreIndex, Time>> ended;
    std::unique_ptr<Directory> directory;

    World() {
        prices.stores_in_flight = 8;
        prices.read = {200, 200, 300, 300, 300};
        prices.take = {100, 100, 150, 150, 150};
        prices.memory = 500;
    }
    Directory& make() {
        directory = std::make_unique<Directory>(machine, prices, std::vector<uint32_t>{0, 1});
        directory->set_watcher(this);
        return *directory;
    }
    void copy_ended(CoreIndex core, LineIndex, Time when) override { ended.emplace_back(core, when); }
};

}  // namespace

TEST_CASE("a line goes from memory to E, M, O and S, and back to one holder") {
    World world;
    Directory& directory = world.make();
    CHECK(directory.access(0, 3, Kind::load, 0).done == 500);
    CHECK(directory.state(0, 3) == State::exclusive);
    CHECK(directory.access(0, 3, Kind::take, 1000).hit);
    CHECK(directory.state(0, 3) == State::modified);
    CHECK(directory.access(1, 3, Kind::load, 2000).done == 2200);
    CHECK(directory.access(2, 3, Kind::load, 3000).done == 3300);
    CHECK(directory.state(0, 3) == State::owned);
    CHECK(directory.state(1, 3) == State::shared);
    CHECK(directory.access(1, 3, Kind::load, 4000).hit);
    // Core 1 takes it: the farthest copy's answer is waited for, and both others end then.
    CHECK(directory.access(1, 3, Kind::take, 5000).done == 5150);
    CHECK(directory.state(1, 3) == State::modified);
    CHECK(directory.state(0, 3) == State::invalid);
    CHECK(world.ended == std::vector<std::pair<CoreIndex, Time>>{{0, 5150}, {2, 5150}});
    // Who has no copy reads it and takes it.
    CHECK(directory.access(0, 3, Kind::take, 6000).done == 6300);
}

TEST_CASE("a clean line that two read is shared, and memory serves the third") {
    World world;
    Directory& directory = world.make();
    directory.access(0, 0, Kind::load, 0);
    CHECK(directory.access(1, 0, Kind::load, 1000).done == 1200);
    CHECK(directory.state(0, 0) == State::shared);
    CHECK(directory.access(2, 0, Kind::load, 2000).done == 2500);
}

TEST_CASE("a link that is wanted later is free until then, for others and for as long as they need it") {
    World world;
    world.prices.link_occupancy = 40;
    Directory& directory = world.make();
    directory.access(0, 0, Kind::take, 0);                             // until 500: who asks now has it after that
    CHECK(directory.access(2, 0, Kind::load, 0).done == 500 + 300);    // crosses the link at 500
    CHECK(directory.access(3, 1, Kind::load, 10).done == 10 + 500);    // another line, at once
    CHECK(directory.access(2, 2, Kind::load, 20).done == 50 + 500);    // behind that one
    CHECK(directory.access(3, 3, Kind::load, 470).done == 540 + 500);  // 30 cycles are not enough
    CHECK(directory.traffic().waited_link == 30 + 70);
}

TEST_CASE("transfers of one line come one after another, and those of one home node at its pace") {
    World world;
    world.prices.home_occupancy = 40;
    Directory& directory = world.make();
    directory.access(0, 0, Kind::take, 0);
    CHECK(directory.access(1, 0, Kind::load, 10'000).done == 10'200);
    CHECK(directory.access(2, 0, Kind::load, 10'000).done == 10'500);
    CHECK(directory.access(0, 1, Kind::load, 20'000).done == 20'500);
    CHECK(directory.access(1, 2, Kind::load, 20'000).done == 20'540);
    CHECK(directory.access(2, 70, Kind::load, 20'000).done == 20'500);  // of the other node
    CHECK(directory.traffic().waited_home == 40 + 40);
}

TEST_CASE("lines from one core to another keep their gap; from different cores they need not") {
    World world;
    world.prices.gap = {1000, 1000, 1000, 1000, 1000};
    Directory& directory = world.make();
    for (LineIndex line : {1, 2}) directory.access(0, line, Kind::take, 0);
    directory.access(1, 3, Kind::take, 0);
    CHECK(directory.access(2, 1, Kind::load, 5000).done == 5300);
    CHECK(directory.access(2, 2, Kind::load, 5300).done == 6300);
    CHECK(directory.access(2, 3, Kind::load, 6300).done == 6600);
}

TEST_CASE("lines that cross a link wait for it; what is held is read after it was stored") {
    World world;
    world.prices.link_occupancy = 60;
    Directory& directory = world.make();
    for (LineIndex line : {1, 2}) directory.access(0, line, Kind::take, 0);
    CHECK(directory.access(2, 1, Kind::load, 1000).done == 1300);
    CHECK(directory.access(3, 2, Kind::load, 1000).done == 1360);
    directory.access(1, 5, Kind::take, 2000);
    directory.hold(5, 9000);
    CHECK(directory.access(0, 5, Kind::load, 3000).done == 9200);
}

TEST_CASE("each further copy may cost") {
    World world;
    world.prices.invalidate_each = 7;
    Directory& directory = world.make();
    directory.access(0, 0, Kind::take, 0);
    for (CoreIndex core : {1, 2, 3}) directory.access(core, 0, Kind::load, 1000 * core);
    CHECK(directory.access(0, 0, Kind::take, 9000).done == 9150 + 2 * 7);
}

TEST_CASE("a prefetcher follows equal steps and stops at the page") {
    Prefetcher prefetcher({2, 2, 16});
    std::vector<uint64_t> asked;
    auto note = [&](uint64_t line) { prefetcher.note(line, [&](uint64_t target) { asked.push_back(target); }); };
    note(0);
    note(10);
    CHECK(asked.empty());
    note(20);
    CHECK(asked == std::vector<uint64_t>{30, 40});
    note(30);
    note(40);
    CHECK(asked == std::vector<uint64_t>{30, 40, 40, 50, 50, 60});
    note(50);
    asked.clear();
    note(60);  // 70 is in the next page
    note(70);
    note(71);
    CHECK(asked.empty());
    Prefetcher none({1, 0, 16});
    none.note(1, [](uint64_t) { FAIL("there is none"); });
}

TEST_CASE("a prefetcher does not follow steps that are longer than its stride") {
    Prefetcher prefetcher({1, 1, 4});
    int asked = 0;
    for (uint64_t line : {0, 5, 10, 15, 20}) prefetcher.note(line, [&](uint64_t) { ++asked; });
    CHECK(asked == 0);
    for (uint64_t line : {24, 28}) prefetcher.note(line, [&](uint64_t) { ++asked; });
    CHECK(asked == 2);
}

TEST_CASE("translations are kept by page and by the levels above") {
    Tlb tlb(2, 2);
    CHECK(tlb.use(1) == 4);
    CHECK(tlb.use(1) == 0);
    CHECK(tlb.use(2) == 1);        // the tables above are known
    CHECK(tlb.use(2 + 512) == 2);  // the next table of pages
    CHECK(tlb.use(1) == 1);        // was the oldest of two
    tlb.invalidate(1);
    CHECK(tlb.use(1) == 4);  // its way is walked anew
    tlb.clear();
    CHECK(tlb.use(2) == 4);
}

}  // namespace skerry::simulated::model
