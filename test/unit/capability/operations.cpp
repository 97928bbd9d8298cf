// Each operation that makes capabilities: what it does, and that a refused call has changed nothing.
#include "cpudriver/capability/operations.hpp"

#include <catch2/catch.hpp>

#include "arena.hpp"

using namespace skerry::test;

namespace {
// Runs a call that must be refused with this error and change nothing.
template <typename Call>
void refuses(World& w, Error error, Call call) {
    auto before = w.snapshot();
    CHECK(Status{call()}.error() == error);
    CHECK(w.snapshot() == before);
    check_tree(w.capabilities.tree());
}
Status retype(World& w, Slot& dest, Slot& source, RetypeRequest request, size_t slots = 1) {
    uint64_t made = 0;
    return w.capabilities.retype({&dest, slots}, source, request, made);
}
}  // namespace

TEST_CASE("copy and mint", "[operations]") {
    World w;
    Capabilities& c = w.capabilities;
    Slot& endpoint = w.make(Type::endpoint, 0, 1024);
    REQUIRE(c.copy_slot(w.slots[10], endpoint).ok());
    CHECK(w.slots[10].cap == endpoint.cap);
    REQUIRE(c.mint_slot(w.slots[11], endpoint, Rights::send | Rights::transfer, 42).ok());
    CHECK(w.slots[11].cap.badge == 42);
    CHECK(w.slots[11].cap.rights == (Rights::send | Rights::transfer));
    CHECK(c.tree().count(Type::endpoint) == 3);
    check_tree(c.tree());

    refuses(w, Error::slot_occupied, [&] { return c.copy_slot(w.slots[10], w.slots[0]); });
    refuses(w, Error::slot_occupied, [&] { return c.copy_slot(endpoint, endpoint); });
    refuses(w, Error::no_capability, [&] { return c.copy_slot(w.slots[12], w.slots[13]); });
    refuses(w, Error::refused, [&] { return c.mint_slot(w.slots[12], w.slots[11], Rights::all, 43); });
    refuses(w, Error::wrong_type, [&] { return c.mint_slot(w.slots[12], w.slots[0], Rights::all, 1); });
    refuses(w, Error::slot_occupied, [&] { return c.mint_slot(w.slots[11], endpoint, Rights::all, 0); });
}

TEST_CASE("a VNode's generation stays with its copies", "[operations]") {
    World w;
    Slot& first = w.make(Type::vnode, 0, 4096, 1);
    Slot& second = w.make(Type::vnode, 4096, 4096, 1);
    CHECK(first.cap.badge != 0);
    CHECK(first.cap.badge != second.cap.badge);
    REQUIRE(w.capabilities.mint_slot(w.slots[10], first, Rights::read, 0).ok());
    CHECK(w.slots[10].cap.badge == first.cap.badge);
    uint32_t generation = first.cap.badge;
    REQUIRE(w.remove(w.slots[10]).ok());
    REQUIRE(w.remove(first).ok());
    CHECK(w.make(Type::vnode, 0, 4096, 1).cap.badge != generation);
}

TEST_CASE("move", "[operations]") {
    World w;
    Capabilities& c = w.capabilities;
    Slot& frame = w.make(Type::frame, 0, 65536 + 4096);
    Slot& table = w.make(Type::vnode, 1 << 18, 4096, 1);
    Slot& mapping = w.map(table, 0, 4096, 0x5000, w.slots[10]);
    Capability before = frame.cap;
    REQUIRE(c.move_slot(w.slots[11], frame).ok());
    CHECK(w.slots[11].cap == before);
    CHECK(frame.empty());
    REQUIRE(c.move_slot(w.slots[12], mapping).ok());
    check_tree(c.tree());
    refuses(w, Error::slot_occupied, [&] { return c.move_slot(w.slots[12], w.slots[11]); });
    refuses(w, Error::slot_occupied, [&] { return c.move_slot(w.slots[11], w.slots[11]); });
    refuses(w, Error::no_capability, [&] { return c.move_slot(w.slots[13], w.slots[14]); });
    w.arena.stubborn = 1000;
    REQUIRE(c.delete_slot(w.slots[11]).error() == Error::again);
    refuses(w, Error::busy, [&] { return c.move_slot(w.slots[13], w.slots[11]); });
    refuses(w, Error::busy, [&] { return c.copy_slot(w.slots[13], w.slots[11]); });
    CHECK(w.arena.told.empty());
}

TEST_CASE("retype makes zeroed objects side by side", "[operations]") {
    World w;
    uint64_t made = 0;
    std::span<Slot> dest{&w.slots[1], 8};
    REQUIRE(w.capabilities.retype(dest, w.slots[0], {Type::cnode, 0, 8192, 4096, 8}, made).ok());
    CHECK(made == 8);
    CHECK(w.arena.made == 8);
    for (uint32_t i = 0; i < 8; i++) {
        CHECK(dest[i].cap.base == World::ram_base + 8192 + i * 4096);
        CHECK(dest[i].cap.rights == info(Type::cnode).rights);
        CHECK(w.arena.all_zero(dest[i].cap.base, 4096));
    }
    check_tree(w.capabilities.tree());
}

TEST_CASE("one call of retype makes a bounded number of objects", "[operations]") {
    World w(8 << 20);
    std::vector<Slot> many(200);
    uint64_t made = 0;
    auto some = [&](Type type, uint64_t size, uint64_t count) {
        return w.capabilities.retype(many, w.slots[0], {type, 0, 0, size, count}, made);
    };
    REQUIRE(some(Type::ram, 4096, 200).error() == Error::again);
    CHECK(made == 64);
    uint64_t done = made;
    while (done < 200) {
        RetypeRequest rest{Type::ram, 0, done * 4096, 4096, 200 - done};
        Status status = w.capabilities.retype(std::span{many}.subspan(done), w.slots[0], rest, made);
        done += made;
        CHECK(status.error() == (done < 200 ? Error::again : Error::none));
    }
    CHECK(w.capabilities.tree().count(Type::ram) == 201);
    REQUIRE(w.revoke(w.slots[0]).ok());
    REQUIRE(some(Type::endpoint, 16384, 5).error() == Error::again);
    CHECK(made == 4);
    REQUIRE(w.revoke(w.slots[0]).ok());
    REQUIRE(some(Type::cnode, 65536, 2).error() == Error::again);
    CHECK(made == 1);
    REQUIRE(w.revoke(w.slots[0]).ok());
    REQUIRE(some(Type::frame, 1 << 20, 3).error() == Error::again);
    CHECK(made == 1);
}

TEST_CASE("retype refuses what overlaps, is occupied or out of range", "[operations]") {
    World w;
    Slot& child = w.make(Type::ram, 65536, 65536);
    Slot& node = w.make(Type::cnode, 0, 1024);
    auto from_ram = [&](RetypeRequest request, Slot* dest = nullptr, size_t slots = 1) {
        return retype(w, dest ? *dest : w.slots[20], w.slots[0], request, slots);
    };
    refuses(w, Error::overlaps, [&] { return from_ram({Type::frame, 0, 0, 4096, 1}); });
    refuses(w, Error::overlaps, [&] { return from_ram({Type::frame, 0, 65536 + 4096, 4096, 1}); });
    refuses(w, Error::overlaps, [&] { return from_ram({Type::ram, 0, 4096, 131072, 1}); });
    refuses(w, Error::overlaps, [&] { return from_ram({Type::frame, 0, 61440, 4096, 2}, nullptr, 2); });
    refuses(w, Error::out_of_range, [&] { return from_ram({Type::frame, 0, 4096, 4096, 2}); });
    refuses(w, Error::slot_occupied, [&] { return from_ram({Type::frame, 0, 4096, 4096, 1}, &node); });
    REQUIRE(w.capabilities.copy_slot(w.slots[21], node).ok());
    refuses(w, Error::slot_occupied, [&] { return from_ram({Type::frame, 0, 4096, 4096, 2}, nullptr, 2); });
    CHECK(retype(w, w.slots[22], child, {Type::frame, 0, 4096, 4096, 1}).ok());
    refuses(w, Error::overlaps, [&] { return retype(w, w.slots[23], child, {Type::frame, 0, 0, 8192, 1}); });
    CHECK(retype(w, w.slots[23], w.slots[0], {Type::frame, 0, 4096, 4096, 1}).ok());
    check_tree(w.capabilities.tree());
}

TEST_CASE("a mapping blocks retype of the device region below it", "[operations]") {
    World w;
    Capability region{.type = Type::device_memory,
                      .rights = info(Type::device_memory).rights,
                      .base = uint64_t{1} << 40,
                      .size = 65536};
    REQUIRE(w.capabilities.insert_root(w.slots[1], region).ok());
    w.map(w.slots[1], 4096, 16384, 0x5000, w.slots[2]);
    refuses(w, Error::overlaps, [&] {
        return retype(w, w.slots[3], w.slots[1], {Type::device_memory, 0, 8192, 4096, 1});
    });
    CHECK(retype(w, w.slots[3], w.slots[1], {Type::device_memory, 0, 20480, 4096, 1}).ok());
}

TEST_CASE("a frame is of no use until all of it is zeroed", "[operations]") {
    World w;
    Capabilities& c = w.capabilities;
    Slot& small = w.make(Type::frame, 0, 65536);
    CHECK(clean(small.cap));
    Slot& large = w.make(Type::frame, 65536, 3 * 65536 + 4096);
    CHECK(large.cap.extra == 65536);
    refuses(w, Error::unclean, [&] { return c.copy_slot(w.slots[10], large); });
    refuses(w, Error::unclean, [&] { return c.mint_slot(w.slots[10], large, Rights::read, 0); });
    CHECK(c.clean(large).error() == Error::again);
    CHECK(c.clean(large).error() == Error::again);
    CHECK_FALSE(w.arena.all_zero(large.cap.base, large.cap.size));
    CHECK(c.clean(large).ok());
    CHECK(w.arena.all_zero(large.cap.base, large.cap.size));
    CHECK(c.copy_slot(w.slots[10], large).ok());
    refuses(w, Error::none, [&] { return c.clean(large); });
    refuses(w, Error::wrong_type, [&] { return c.clean(w.slots[0]); });
    refuses(w, Error::no_capability, [&] { return c.clean(w.slots[30]); });
}

TEST_CASE("capabilities from outside", "[operations]") {
    World w;
    Capabilities& c = w.capabilities;
    Slot& frame = w.make(Type::frame, 0, 8192);
    Slot& dest = w.slots[30];
    auto insert = [&](Capability cap) { return [&c, &dest, cap] { return c.insert_root(dest, cap); }; };
    Capability shared{.type = Type::frame,
                      .rights = Rights::read,
                      .flags = flag_foreign,
                      .base = uint64_t{1} << 40,
                      .size = 8192,
                      .extra = 8192};
    Capability unclean = shared, wide = shared, dying = shared, crossing = frame.cap;
    unclean.extra = 4096;
    wide.rights = Rights::all;
    dying.flags = flag_zombie;
    crossing.base += 4096;
    refuses(w, Error::unclean, insert(unclean));
    refuses(w, Error::invalid_argument, insert(wide));
    refuses(w, Error::invalid_argument, insert(dying));
    refuses(w, Error::overlaps, insert(crossing));
    refuses(w, Error::invalid_argument, insert({.type = Type::mapping, .base = World::ram_base, .size = 4096}));
    refuses(w, Error::invalid_argument, insert({}));
    refuses(w, Error::slot_occupied, [&] { return c.insert_root(frame, shared); });
    CHECK(insert(shared)().ok());
    CHECK(c.copy_slot(w.slots[31], dest).ok());
    CHECK(c.clean(dest).ok());
    check_tree(c.tree());
}
