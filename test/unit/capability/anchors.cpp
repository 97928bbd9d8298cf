// Anchors: capabilities of a monitor's for objects that other cores hold, too.
#include <catch2/catch.hpp>

#include "arena.hpp"

using namespace skerry;
using namespace skerry::test;
using capabilities::Rights;

namespace {

// A frame with an anchor among its copies, which are made before and behind it.
struct Anchored : World {
    Slot& frame = make(Type::frame, 0, 4096);
    Slot& anchor = slots[40];
    Anchored() {
        REQUIRE(capabilities.copy_slot(slots[20], frame).ok());
        REQUIRE(capabilities.copy_slot(anchor, frame).ok());
        REQUIRE(capabilities.make_anchor(anchor, Rights::all).ok());
        REQUIRE(capabilities.copy_slot(slots[21], frame).ok());
    }
};

}  // namespace

TEST_CASE("a revoke takes all but the anchor, says so, and goes on when that is gone", "[anchors]") {
    Anchored w;
    w.map(w.frame, 0, 4096, 0x10, w.slots[22]);
    CHECK(w.revoke(w.slots[0]).error() == Error::shared);  // of the memory
    CHECK((w.anchor.cap.flags & capabilities::flag_recalled) != 0);
    CHECK(w.slots[22].empty());
    REQUIRE(w.remove(w.anchor).ok());
    REQUIRE(w.revoke(w.slots[0]).ok());
    CHECK(w.capabilities.tree().count(Type::frame) == 0);
}

TEST_CASE("a revoke of a copy takes the others first, and stops at the anchor last", "[anchors]") {
    Anchored w;
    CHECK(w.revoke(w.slots[20]).error() == Error::shared);
    CHECK(w.frame.empty());
    CHECK(w.slots[21].empty());
    CHECK_FALSE(w.slots[20].empty());
    CHECK_FALSE(w.anchor.empty());
    REQUIRE(w.remove(w.anchor).ok());
    CHECK(w.revoke(w.slots[20]).ok());
    CHECK_FALSE(w.slots[20].empty());
}

TEST_CASE("a revoke stops at the object's anchor before it takes what was made of it", "[anchors]") {
    World w;
    Slot& part = w.make(Type::ram, 0, 16384);
    REQUIRE(w.capabilities.copy_slot(w.slots[40], part).ok());
    REQUIRE(w.capabilities.make_anchor(w.slots[40], Rights::all).ok());
    uint64_t made = 0;
    REQUIRE(w.capabilities
                .retype(std::span(&w.slots[41], 1), w.slots[40], {.type = Type::frame, .object_size = 4096, .count = 1},
                        made)
                .ok());
    CHECK(w.revoke(part).error() == Error::shared);
    CHECK((w.slots[40].cap.flags & capabilities::flag_recalled) != 0);
    CHECK_FALSE(w.slots[41].empty());
    REQUIRE(w.remove(w.slots[40]).ok());
    REQUIRE(w.revoke(part).ok());
    CHECK(w.slots[41].empty());
}

TEST_CASE("an anchor that is named stays beside the slot, and nobody stops at it", "[anchors]") {
    Anchored w;
    w.map(w.slots[20], 0, 4096, 0x10, w.slots[22]);
    REQUIRE(w.capabilities.revoke(w.slots[20], &w.anchor).ok());
    CHECK(w.frame.empty());
    CHECK(w.slots[21].empty());
    CHECK(w.slots[22].empty());
    CHECK_FALSE(w.slots[20].empty());
    CHECK_FALSE(w.anchor.empty());
    CHECK((w.anchor.cap.flags & capabilities::flag_recalled) == 0);
    REQUIRE(w.remove(w.slots[20]).ok());
    CHECK(w.capabilities.revoke(w.slots[20], &w.anchor).error() == Error::no_capability);
    CHECK_FALSE(w.anchor.empty());
}

TEST_CASE("behind a named anchor a revoke still stops at those of parts", "[anchors]") {
    World w;
    Slot& part = w.make(Type::ram, 0, 16384);
    REQUIRE(w.capabilities.copy_slot(w.slots[40], part).ok());
    REQUIRE(w.capabilities.make_anchor(w.slots[40], Rights::all).ok());
    Slot& inner = w.slots[41];
    uint64_t made = 0;
    REQUIRE(w.capabilities
                .retype(std::span(&inner, 1), w.slots[40], {.type = Type::frame, .object_size = 4096, .count = 1}, made)
                .ok());
    REQUIRE(w.capabilities.make_anchor(inner, Rights::all).ok());
    CHECK(w.capabilities.revoke(part, &w.slots[40]).error() == Error::shared);
    CHECK((inner.cap.flags & capabilities::flag_recalled) != 0);
    CHECK((w.slots[40].cap.flags & capabilities::flag_recalled) == 0);
    REQUIRE(w.remove(inner).ok());
    CHECK(w.capabilities.revoke(part, &w.slots[40]).ok());
    CHECK_FALSE(w.slots[40].empty());
}

TEST_CASE("only an anchor of the same object can be named", "[anchors]") {
    Anchored w;
    CHECK(w.capabilities.revoke(w.slots[20], &w.slots[21]).error() == Error::invalid_argument);
    CHECK(w.capabilities.revoke(w.slots[0], &w.anchor).error() == Error::invalid_argument);
    CHECK_FALSE(w.slots[21].empty());
}

TEST_CASE("from the anchor all copies are revoked, and it stays", "[anchors]") {
    Anchored w;
    REQUIRE(w.revoke(w.anchor).ok());
    CHECK(w.capabilities.tree().count(Type::frame) == 1);
    CHECK((w.anchor.cap.flags & capabilities::flag_recalled) == 0);
}

TEST_CASE("copies of an anchor are none, and the object lives while the anchor does", "[anchors]") {
    Anchored w;
    REQUIRE(w.capabilities.copy_slot(w.slots[23], w.anchor).ok());
    REQUIRE(w.capabilities.mint_slot(w.slots[24], w.anchor, Rights::read, 0).ok());
    CHECK_FALSE(capabilities::anchor(w.slots[23].cap));
    CHECK_FALSE(capabilities::anchor(w.slots[24].cap));
    for (Slot* slot : {&w.frame, &w.slots[20], &w.slots[21], &w.slots[23], &w.slots[24]}) REQUIRE(w.remove(*slot).ok());
    uint64_t made = 0;
    CHECK(w.capabilities.retype({&w.slots[25], 1}, w.slots[0], {Type::frame, 0, 0, 4096, 1}, made).error() ==
          Error::overlaps);
    REQUIRE(w.remove(w.anchor).ok());
    CHECK(w.capabilities.retype({&w.slots[25], 1}, w.slots[0], {Type::frame, 0, 0, 4096, 1}, made).ok());
}

TEST_CASE("memory that other cores hold is retyped from its anchor only", "[anchors]") {
    World w;
    Slot& part = w.make(Type::ram, 0, 65536);
    REQUIRE(w.capabilities.copy_slot(w.slots[40], part).ok());
    REQUIRE(w.capabilities.make_anchor(w.slots[40], Rights::all).ok());
    uint64_t made = 0;
    capabilities::RetypeRequest request{Type::frame, 0, 0, 4096, 1};
    CHECK(w.capabilities.retype({&w.slots[20], 1}, part, request, made).error() == Error::shared);
    CHECK(w.capabilities.retype({&w.slots[20], 1}, w.slots[0], request, made).error() == Error::overlaps);
    CHECK(w.capabilities.retype({&w.slots[20], 1}, w.slots[40], request, made).ok());
}

TEST_CASE("what does not leave its core has no anchor", "[anchors]") {
    World w;
    Slot& endpoint = w.make(Type::endpoint, 0, 1024);
    CHECK(w.capabilities.make_anchor(endpoint, Rights::all).error() == Error::refused);
    CHECK(w.capabilities.make_anchor(w.slots[50], Rights::all).error() == Error::no_capability);
}
