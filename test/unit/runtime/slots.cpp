#include <catch2/catch.hpp>
#include <set>
#include <vector>

#include "fixture.hpp"

using namespace skerry;
using namespace skerry::test;

TEST_CASE("slots are handed out once, and grow by CNodes made from RAM", "[runtime]") {
    Fixture f;
    std::set<uint64_t> seen;
    for (int i = 0; i < 600; ++i) {
        auto slot = f.slots.allocate();
        REQUIRE(slot.ok());
        REQUIRE(seen.insert(slot->word).second);
        REQUIRE(f.kernel.slot(0x1000, *slot) != nullptr);  // it exists
        REQUIRE(f.kernel.own(*slot).empty());
    }
}

TEST_CASE("a CNode goes back when nothing lies in it, but not at every change", "[runtime]") {
    Fixture f;
    std::vector<CapRef> taken;
    size_t before = f.kernel.capabilities();
    for (int i = 0; i < 1000; ++i) taken.push_back(f.slots.allocate().value());
    REQUIRE(f.kernel.capabilities() > before);
    REQUIRE(f.ram.out == 1);
    for (; taken.size() > 1; taken.pop_back()) f.slots.release(taken.back());
    REQUIRE(f.slots.free_slots() < 512);  // one CNode beyond the first stays
    size_t rest = f.kernel.capabilities();
    for (int i = 0; i < 100; ++i) {  // to and fro about the limit
        for (int k = 0; k < 90; ++k) taken.push_back(f.slots.allocate().value());
        for (int k = 0; k < 90; ++k, taken.pop_back()) f.slots.release(taken.back());
        REQUIRE(f.kernel.capabilities() == rest);
    }
    // The root slot is used again.
    for (int round = 0; round < 100; ++round) {
        for (int i = 0; i < 1000; ++i) taken.push_back(f.slots.allocate().value());
        for (; taken.size() > 1; taken.pop_back()) f.slots.release(taken.back());
    }
    REQUIRE(f.kernel.capabilities() == rest);
    REQUIRE(f.ram.out == 1);
}

TEST_CASE("a row of slots lies in one CNode", "[runtime]") {
    Fixture f;
    auto row = f.slots.allocate_row(256);  // CNode 0 has not that many
    REQUIRE(row.ok());
    REQUIRE(row->root_index() != 0);
    REQUIRE(row->index() == 0);
    f.slots.release(*row, 256);
    REQUIRE(f.slots.allocate_row(257).error() == Error::invalid_argument);
}

TEST_CASE("a slot is not freed twice", "[runtime]") {
    Fixture f;
    auto slot = f.slots.allocate();
    f.slots.release(*slot);
    REQUIRE_THROWS(f.slots.release(*slot));
}

TEST_CASE("without RAM the slots run out with an error", "[runtime]") {
    Fixture f;
    f.ram.limit = 0;
    int count = 0;
    while (f.slots.allocate().ok()) ++count;
    REQUIRE(count == 256 - 32);
    REQUIRE(f.slots.allocate().error() == Error::no_memory);
}

TEST_CASE("retype goes on until all objects are made, or none is left", "[runtime]") {
    Fixture f;
    f.kernel.retype_batch = 2;
    auto row = f.slots.allocate_row(5);
    REQUIRE(runtime::CNodeCap{}.retype(*row, FakeKernel::ram, Type::frame, 0, 0, 4096, 5).ok());
    for (uint64_t i = 0; i < 5; ++i)
        REQUIRE(f.kernel.own(CapRef{row->word + i}).base == FakeKernel::ram_base + i * 4096);

    size_t before = f.kernel.capabilities();
    auto other = f.slots.allocate_row(5);
    f.kernel.fail_after(1);
    REQUIRE(runtime::CNodeCap{}.retype(*other, FakeKernel::ram, Type::frame, 0, 65536, 4096, 5).error() ==
            Error::no_memory);
    REQUIRE(f.kernel.capabilities() == before);
}

TEST_CASE("Owned deletes what it holds and frees the slot", "[runtime]") {
    Fixture f;
    uint32_t free = f.slots.free_slots();
    size_t before = f.kernel.capabilities();
    {
        auto owned = runtime::Owned::empty(f.slots);
        REQUIRE(runtime::CNodeCap{}.copy(owned->ref(), FakeKernel::ram).ok());
        runtime::Owned moved = std::move(*owned);
        REQUIRE(!*owned);
        REQUIRE(f.kernel.capabilities() == before + 1);
    }
    REQUIRE(f.kernel.capabilities() == before);
    REQUIRE(f.slots.free_slots() == free);
}
