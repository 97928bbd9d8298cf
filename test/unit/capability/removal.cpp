// Delete and revoke: bounded steps, cycles, chains, and what is destroyed when.
#include <catch2/catch.hpp>

#include "arena.hpp"

using namespace skerry::test;

TEST_CASE("deleting a copy leaves the object, deleting the last destroys it", "[removal]") {
    World w;
    Slot& endpoint = w.make(Type::endpoint, 0, 1024);
    REQUIRE(w.capabilities.copy_slot(w.slots[10], endpoint).ok());
    REQUIRE(w.capabilities.delete_slot(endpoint).ok());
    CHECK(w.arena.destroyed.empty());
    REQUIRE(w.remove(w.slots[10]).ok());
    CHECK(w.arena.destroyed_one(Type::endpoint, World::ram_base));
    CHECK(w.capabilities.tree().count(Type::endpoint) == 0);
    CHECK(w.capabilities.delete_slot(w.slots[10]).ok());  // an empty slot is what was asked for
    CHECK(w.arena.destroyed.size() == 1);
}

TEST_CASE("an object that says again is a zombie meanwhile", "[removal]") {
    World w;
    Slot& endpoint = w.make(Type::endpoint, 0, 1024);
    w.arena.stubborn = 40;
    REQUIRE(w.capabilities.delete_slot(endpoint).error() == Error::again);
    CHECK(zombie(endpoint.cap));
    CHECK(w.capabilities.copy_slot(w.slots[20], endpoint).error() == Error::busy);
    CHECK(w.capabilities.revoke(endpoint).error() == Error::busy);
    uint64_t made = 0;
    RetypeRequest again{Type::frame, 0, 0, 4096, 1};
    CHECK(w.capabilities.retype({&w.slots[20], 1}, w.slots[0], again, made).error() == Error::overlaps);
    REQUIRE(w.remove(endpoint).ok());
    CHECK(w.capabilities.retype({&w.slots[20], 1}, w.slots[0], again, made).ok());
}

TEST_CASE("a CNode's capabilities go with it, in bounded steps", "[removal]") {
    World w;
    Slot& node = w.make(Type::cnode, 65536, 65536);
    Capability cap = node.cap;
    Slot& frame = w.make(Type::frame, 0, 4096);
    for (uint32_t i = 3; i < 1000; i++) REQUIRE(w.capabilities.copy_slot(*w.arena.slot(cap, i), frame).ok());
    REQUIRE(w.capabilities.move_slot(*w.arena.slot(cap, 1000), frame).ok());
    REQUIRE(w.capabilities.delete_slot(node).error() == Error::again);
    CHECK(node.empty());
    CHECK(w.capabilities.tree().count(Type::cnode) == 1);  // it still is where it was: no retype over it
    uint64_t made = 0;
    CHECK(w.capabilities.retype({&w.slots[30], 1}, w.slots[0], {Type::frame, 0, 65536, 4096, 1}, made).error() ==
          Error::overlaps);
    REQUIRE(w.remove(node).ok());
    CHECK(w.calls > 60);
    CHECK(w.capabilities.tree().count(Type::frame) == 0);
    CHECK(w.capabilities.tree().count(Type::cnode) == 0);
    CHECK(w.arena.destroyed_one(Type::frame, World::ram_base));
    check_tree(w.capabilities.tree());
}

TEST_CASE("cycles of CNodes end", "[removal]") {
    uint32_t index = GENERATE(0u, 1u, 9u);
    World w;
    SECTION("one that holds itself, deleted through its own slot") {
        Slot& node = w.make(Type::cnode, 0, 1024);
        Slot& inside = *w.arena.slot(node.cap, index);
        REQUIRE(w.capabilities.move_slot(inside, node).ok());
        REQUIRE(w.remove(inside).ok());
    }
    SECTION("two that hold each other") {
        Slot& one = w.make(Type::cnode, 0, 1024);
        Slot& two = w.make(Type::cnode, 1024, 1024);
        Slot& in_one = *w.arena.slot(one.cap, index);
        Slot& in_two = *w.arena.slot(two.cap, 9 - index);
        REQUIRE(w.capabilities.move_slot(in_one, two).ok());
        REQUIRE(w.capabilities.move_slot(in_two, one).ok());
        REQUIRE(w.remove(in_one).ok());
    }
    SECTION("taken by a revoke from above") {
        Slot& one = w.make(Type::cnode, 0, 1024);
        Slot& two = w.make(Type::cnode, 1024, 1024);
        Capability a = one.cap, b = two.cap;
        REQUIRE(w.capabilities.copy_slot(*w.arena.slot(a, 5), one).ok());
        REQUIRE(w.capabilities.copy_slot(*w.arena.slot(a, 6), two).ok());
        REQUIRE(w.capabilities.move_slot(*w.arena.slot(a, index), two).ok());
        REQUIRE(w.capabilities.move_slot(*w.arena.slot(b, 9 - index), one).ok());
        REQUIRE(w.revoke(w.slots[0]).ok());
    }
    CHECK(w.capabilities.tree().count(Type::cnode) == 0);
    CHECK(all_slots(w.capabilities.tree()).size() == 1);
    check_tree(w.capabilities.tree());
}

TEST_CASE("a chain of CNodes needs no stack", "[removal]") {
    constexpr uint32_t length = 8000;
    uint32_t index = GENERATE(0u, 7u);
    World w(length * 1024);
    Slot* at = &w.slots[1];
    for (uint32_t i = 0; i < length; i++) {
        w.make(Type::cnode, i * 1024, 1024, 0, at);
        at = w.arena.slot(at->cap, index);
    }
    REQUIRE(w.remove(w.slots[1]).ok());
    CHECK(w.arena.destroyed.size() == length);
    CHECK(all_slots(w.capabilities.tree()).size() == 1);
}

TEST_CASE("half-way through a delete anything else goes on", "[removal]") {
    World w;
    Slot& node = w.make(Type::cnode, 65536, 65536);
    Slot& frame = w.make(Type::frame, 0, 4096);
    for (uint32_t i = 0; i < 500; i++) {
        REQUIRE(w.capabilities.copy_slot(*w.arena.slot(node.cap, 2 * i), frame).ok());
    }
    Slot& other = w.make(Type::cnode, 32768, 1024);
    REQUIRE(w.capabilities.delete_slot(node).error() == Error::again);
    REQUIRE(w.capabilities.delete_slot(other).error() == Error::again);
    Slot& third = w.make(Type::cnode, 40960, 1024);
    CHECK(w.capabilities.copy_slot(w.slots[40], frame).ok());
    CHECK(w.remove(frame).ok());  // not the last: it waits for nobody
    CHECK(w.calls == 0);
    check_tree(w.capabilities.tree());
    REQUIRE(w.finish([&] { return w.capabilities.reap(); }).ok());
    CHECK(w.capabilities.tree().count(Type::cnode) == 1);
    CHECK(w.capabilities.tree().count(Type::frame) == 1);
    CHECK_FALSE(third.empty());
}

TEST_CASE("the mappings of a frame or table go before it", "[removal]") {
    World w;
    Type type = GENERATE(Type::frame, Type::vnode);
    Slot& object = w.make(type, 0, 4096, type == Type::vnode);
    Slot& neighbour = w.make(Type::frame, 4096, 4096);
    std::vector<Slot> mappings(50);
    for (size_t i = 0; i < mappings.size(); i++) w.map(object, 0, 4096, 0x8000 + 8 * i, mappings[i]);
    w.map(neighbour, 0, 4096, 0x9000, w.slots[10]);
    REQUIRE(w.capabilities.copy_slot(w.slots[11], object).ok());
    REQUIRE(w.remove(object).ok());
    CHECK(w.capabilities.tree().count(Type::mapping) == 51);  // a copy is left
    REQUIRE(w.remove(w.slots[11]).ok());
    CHECK(w.calls >= 3);
    CHECK(w.capabilities.tree().count(Type::mapping) == 1);
    CHECK_FALSE(w.slots[10].empty());
    REQUIRE(w.arena.destroyed.size() == 51);
    CHECK(w.arena.destroyed.back().type == type);
}

TEST_CASE("device regions: mappings live as long as a region around or inside them", "[removal]") {
    World w;
    uint64_t base = uint64_t{1} << 40;
    Rights rights = info(Type::device_memory).rights;
    REQUIRE(w.capabilities
                .insert_root(w.slots[1], {.type = Type::device_memory, .rights = rights, .base = base, .size = 65536})
                .ok());
    uint64_t made = 0;
    REQUIRE(w.capabilities.retype({&w.slots[2], 1}, w.slots[1], {Type::device_memory, 0, 4096, 4096, 1}, made).ok());
    w.map(w.slots[2], 0, 4096, 0x8000, w.slots[3]);
    SECTION("the outer goes first") {
        REQUIRE(w.remove(w.slots[1]).ok());
        CHECK(w.capabilities.tree().count(Type::mapping) == 1);
        REQUIRE(w.remove(w.slots[2]).ok());
    }
    SECTION("the inner goes first") {
        REQUIRE(w.remove(w.slots[2]).ok());
        CHECK(w.capabilities.tree().count(Type::mapping) == 1);
        REQUIRE(w.remove(w.slots[1]).ok());
    }
    SECTION("revoke from above takes all") {
        REQUIRE(w.revoke(w.slots[1]).ok());
        CHECK(w.slots[2].empty());
    }
    CHECK(w.capabilities.tree().count(Type::mapping) == 0);
}

TEST_CASE("slots inside kernel objects are reached, and their objects told", "[removal]") {
    World w;
    Slot& dispatcher = w.make(Type::dispatcher, 0, 4096);
    Slot& root = w.make(Type::cnode, 4096, 4096);
    Slot& endpoint = w.make(Type::endpoint, 8192, 4096);
    Slot* cspace = w.arena.inner_slot(dispatcher.cap, 0);
    Slot* transit = w.arena.inner_slot(endpoint.cap, 2);
    REQUIRE(w.capabilities.copy_slot(*cspace, root).ok());
    REQUIRE(w.capabilities.copy_slot(*transit, root).ok());
    SECTION("revoke") {
        REQUIRE(w.revoke(root).ok());
        CHECK(cspace->empty());
        CHECK(transit->empty());
        CHECK(w.arena.told.size() == 2);
        CHECK(w.capabilities.tree().count(Type::cnode) == 1);
    }
    SECTION("revoke of the memory takes the last capabilities there, too") {
        REQUIRE(w.capabilities.delete_slot(root).ok());
        REQUIRE(w.revoke(w.slots[0]).ok());
        CHECK(all_slots(w.capabilities.tree()).size() == 1);
    }
    SECTION("delete of the object: there is nobody to tell") {
        REQUIRE(w.remove(root).ok());
        REQUIRE(w.remove(endpoint).ok());
        CHECK(w.capabilities.tree().count(Type::cnode) == 1);
        REQUIRE(w.remove(dispatcher).ok());
        CHECK(w.capabilities.tree().count(Type::cnode) == 0);
        CHECK(w.arena.told.empty());
    }
    SECTION("a message that is dropped") {
        w.capabilities.drop_copy(*transit);
        CHECK(transit->empty());
        CHECK(w.arena.told.empty());
        CHECK(transit->home == SlotHome::transit);
    }
    check_tree(w.capabilities.tree());
}

TEST_CASE("endpoints in each other's queues go with a revoke", "[removal]") {
    World w;
    Slot& one = w.make(Type::endpoint, 0, 1024);
    Slot& two = w.make(Type::endpoint, 1024, 1024);
    uint32_t index = GENERATE(0u, 3u);
    Slot& in_one = *w.arena.inner_slot(one.cap, index);
    Slot& in_two = *w.arena.inner_slot(two.cap, 0);
    REQUIRE(w.capabilities.move_slot(in_one, two).ok());
    REQUIRE(w.capabilities.move_slot(in_two, one).ok());
    w.arena.stubborn = 5;
    REQUIRE(w.revoke(w.slots[0]).ok());
    CHECK(w.capabilities.tree().count(Type::endpoint) == 0);
    CHECK(w.arena.destroyed.size() == 2);
}

TEST_CASE("nothing strange ever lies in a slot that is being emptied", "[removal]") {
    // What an endpoint's first message carried must not turn up where a dispatcher expects its own.
    World w;
    Slot& dispatcher = w.make(Type::dispatcher, 0, 4096);
    Slot& endpoint = w.make(Type::endpoint, 4096, 1024);
    Slot& frame = w.make(Type::frame, 8192, 4096);
    Slot& target = *w.arena.inner_slot(dispatcher.cap, 3);
    std::vector<Slot> mappings(40);
    for (size_t i = 0; i < mappings.size(); i++) w.map(frame, 0, 4096, 0x8000 + 8 * i, mappings[i]);
    REQUIRE(w.capabilities.move_slot(*w.arena.inner_slot(endpoint.cap, 0), frame).ok());
    REQUIRE(w.capabilities.move_slot(target, endpoint).ok());
    w.arena.stubborn = 3;
    for (Error last = Error::again; last == Error::again;) {
        last = w.capabilities.delete_slot(target).error();
        CHECK((target.empty() || target.cap.type == Type::endpoint));
    }
    CHECK(w.arena.told == std::vector<Slot*>{&target});
    CHECK(w.capabilities.tree().count(Type::mapping) == 0);
    CHECK(w.capabilities.tree().count(Type::frame) == 0);
}

TEST_CASE("revoke takes all copies and descendants but the slot itself", "[removal]") {
    World w;
    Slot& part = w.make(Type::ram, 0, 131072);
    uint64_t made = 0;
    auto from = [&](Slot& source, Slot& dest, RetypeRequest request) {
        REQUIRE(w.capabilities.retype({&dest, 1}, source, request, made).ok());
    };
    from(part, w.slots[10], {Type::ram, 0, 0, 65536, 1});
    from(w.slots[10], w.slots[11], {Type::frame, 0, 0, 4096, 1});
    from(w.slots[10], w.slots[12], {Type::cnode, 0, 4096, 4096, 1});
    from(part, w.slots[13], {Type::dispatcher, 0, 65536, 4096, 1});
    w.map(w.slots[11], 0, 4096, 0x8000, w.slots[14]);
    REQUIRE(w.capabilities.copy_slot(w.slots[15], part).ok());
    REQUIRE(w.capabilities.copy_slot(*w.arena.slot(w.slots[12].cap, 3), part).ok());
    Slot& outside = w.make(Type::frame, 131072, 4096);
    REQUIRE(w.revoke(part).ok());
    CHECK_FALSE(part.empty());
    CHECK_FALSE(outside.empty());
    CHECK(all_slots(w.capabilities.tree()).size() == 3);
    CHECK_FALSE(w.capabilities.tree().has_copies(part));
    CHECK_FALSE(w.capabilities.tree().has_descendants(part));

    REQUIRE(w.capabilities.mint_slot(w.slots[20], part, ~Rights::revoke, 0).ok());
    auto before = w.snapshot();
    CHECK(w.capabilities.revoke(w.slots[20]).error() == Error::no_right);
    CHECK(w.capabilities.revoke(w.slots[21]).error() == Error::no_capability);
    CHECK(w.snapshot() == before);
}

TEST_CASE("RAM that goes leaves what was made from it; a revoke of an older ancestor still finds that", "[removal]") {
    World w;
    Slot& part = w.make(Type::ram, 0, 65536);
    uint64_t made = 0;
    REQUIRE(w.capabilities.retype({&w.slots[10], 1}, part, {Type::frame, 0, 4096, 4096, 1}, made).ok());
    REQUIRE(w.remove(part).ok());
    CHECK_FALSE(w.slots[10].empty());
    CHECK(w.capabilities.retype({&w.slots[11], 1}, w.slots[0], {Type::ram, 0, 0, 65536, 1}, made).error() ==
          Error::overlaps);
    REQUIRE(w.revoke(w.slots[0]).ok());
    CHECK(w.slots[10].empty());
}

TEST_CASE("a revoke that takes its own slot ends", "[removal]") {
    World w;
    uint32_t index = GENERATE(0u, 1u, 12u);
    Slot& node = w.make(Type::cnode, 0, 1024);
    Slot& inside = *w.arena.slot(node.cap, index);
    REQUIRE(w.capabilities.move_slot(inside, w.slots[0]).ok());
    Error last = w.revoke(inside).error();
    CHECK((last == Error::none || last == Error::no_capability || last == Error::busy));
    REQUIRE(w.finish([&] { return w.capabilities.reap(); }).ok());
    CHECK(all_slots(w.capabilities.tree()).empty());
}
