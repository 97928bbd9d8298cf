#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace skerry;
using namespace skerry::test;

TEST_CASE("small objects share one block; the last one gone gives it back", "[runtime]") {
    Fixture f;
    std::vector<runtime::Object> objects;
    for (int i = 0; i < 20; ++i) {
        auto object = f.pool.make(Type::vnode, 1, 4096);
        REQUIRE(object.ok());
        objects.push_back(*object);
    }
    REQUIRE(f.ram.out == 1);
    REQUIRE(f.pool.spare() == runtime::RamPool::block_bytes - 20 * 4096);
    auto cnode = f.pool.make(Type::cnode, 0, 16384);
    REQUIRE(cnode.ok());
    REQUIRE(cnode->piece.base % 16384 == 0);
    f.pool.destroy(*cnode);
    for (const auto& object : objects) f.pool.destroy(object);
    REQUIRE(f.ram.out == 0);
}

TEST_CASE("what a pool has for itself: free pages of its blocks, and CNodes of slots", "[runtime]") {
    Fixture f;
    REQUIRE(f.pool.spare() == 0);
    auto frame = f.pool.make_frame(64 * 1024);
    REQUIRE(frame.ok());
    REQUIRE(f.pool.spare() == runtime::RamPool::block_bytes - 64 * 1024);
    auto root = capabilities::CapRef::root_slot(capabilities::well_known::root_slots - 1);
    REQUIRE(f.pool.make_cnode(root).ok());
    REQUIRE(f.pool.spare() == runtime::RamPool::block_bytes - 64 * 1024);
    f.pool.destroy(*frame);
    REQUIRE(f.pool.spare() == runtime::RamPool::block_bytes);
    REQUIRE(f.pool.drop_cnode(root).ok());
    REQUIRE((f.pool.spare() == 0 && f.ram.out == 0));
}

TEST_CASE("large frames come from the source, completely zeroed", "[runtime]") {
    Fixture f;
    auto frame = f.pool.make_frame(300 * 1024);
    REQUIRE(frame.ok());
    REQUIRE(f.kernel.own(frame->cap).extra == 300 * 1024);
    f.pool.destroy(*frame);
    REQUIRE(f.ram.out == 0);
}

TEST_CASE("a failure while making an object leaves nothing behind", "[runtime]") {
    Fixture f;
    REQUIRE(f.pool.make_frame(4096).ok());  // the block stays
    size_t before = f.kernel.capabilities();
    uint32_t free = f.slots.free_slots();
    for (uint64_t n = 0; n < 2; ++n) {
        f.kernel.fail_after(n);
        REQUIRE(f.pool.make_frame(4096).error() == Error::no_memory);
        REQUIRE(f.kernel.capabilities() == before);
        REQUIRE(f.slots.free_slots() == free);
    }
}
