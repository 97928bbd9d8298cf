// References into a two-level capability space.
#include <catch2/catch.hpp>

#include "arena.hpp"

using namespace skerry::test;

namespace {
// A root of 64 slots; in it second-level CNodes of 256 slots (root slot 2) and 16 slots (root slot 3).
struct TwoLevels : World {
    Slot& root = make(Type::cnode, 0, 4096);
    Slot& large = make(Type::cnode, 16384, second_level_size, 0, arena.slot(root.cap, 2));
    Slot& small = make(Type::cnode, 4096, 1024, 0, arena.slot(root.cap, 3));
    Slot* at(CapRef ref, Rights needed = Rights::read) { return capabilities.resolve(root.cap, ref, needed); }
};
}  // namespace

TEST_CASE("references resolve to slots, within bounds", "[space]") {
    TwoLevels s;
    CHECK(s.at(CapRef{2, 0}) == s.arena.slot(s.large.cap, 0));
    CHECK(s.at(CapRef{2, 255}) == s.arena.slot(s.large.cap, 255));
    CHECK(s.at(CapRef{3, 15}) == s.arena.slot(s.small.cap, 15));
    CHECK(s.at(CapRef::root_slot(2)) == &s.large);
    CHECK(s.at(CapRef::root_slot(63)) == s.arena.slot(s.root.cap, 63));
    CHECK(s.at(CapRef{3, 16}) == nullptr);
    CHECK(s.at(CapRef{4, 0}) == nullptr);
    CHECK(s.at(CapRef{64, 0}) == nullptr);
    CHECK(s.at(CapRef::root_slot(64)) == nullptr);
    CHECK(s.at(CapRef::root_slot(0xffffff)) == nullptr);
    CHECK(s.capabilities.resolve(s.slots[0].cap, CapRef{0, 1}) == nullptr);
    CHECK(s.capabilities.resolve({}, CapRef{0, 1}) == nullptr);
}

TEST_CASE("each CNode on the way asks for its right", "[space]") {
    TwoLevels s;
    Slot &reader = s.slots[20], &writer = s.slots[21];
    REQUIRE(s.capabilities.mint_slot(reader, s.root, Rights::read, 0).ok());
    REQUIRE(s.capabilities.mint_slot(writer, s.root, Rights::write, 0).ok());
    CHECK(s.capabilities.resolve(reader.cap, CapRef::root_slot(5)) != nullptr);
    CHECK(s.capabilities.resolve(reader.cap, CapRef::root_slot(5), Rights::write) == nullptr);
    CHECK(s.capabilities.resolve(writer.cap, CapRef::root_slot(5), Rights::write) != nullptr);
    CHECK(s.capabilities.resolve(writer.cap, CapRef{2, 1}, Rights::write) == nullptr);
    CHECK(s.capabilities.resolve(reader.cap, CapRef{2, 1}, Rights::write) != nullptr);
    Slot& closed = *s.arena.slot(s.root.cap, 5);
    REQUIRE(s.capabilities.mint_slot(closed, s.large, Rights::read, 0).ok());
    CHECK(s.at(CapRef{5, 1}) == s.at(CapRef{2, 1}));
    CHECK(s.at(CapRef{5, 1}, Rights::write) == nullptr);
}

TEST_CASE("find checks presence, type and rights", "[space]") {
    TwoLevels s;
    Slot& frame = s.make(Type::frame, 65536, 4096, 0, s.at(CapRef{2, 1}));
    Slot& weak = *s.at(CapRef{2, 2});
    REQUIRE(s.capabilities.mint_slot(weak, frame, Rights::read, 0).ok());
    auto find = [&](CapRef ref, Type type, Rights rights) {
        return s.capabilities.find(s.root.cap, ref, type, rights);
    };
    CHECK(find(CapRef{2, 1}, Type::frame, Rights::read | Rights::write).value() == &frame);
    CHECK(find(CapRef{2, 2}, Type::frame, Rights::read | Rights::write).error() == Error::no_right);
    CHECK(find(CapRef{2, 1}, Type::ram, Rights::none).error() == Error::wrong_type);
    CHECK(find(CapRef{2, 9}, Type::frame, Rights::none).error() == Error::no_capability);
    CHECK(find(CapRef{9, 9}, Type::frame, Rights::none).error() == Error::no_capability);
    REQUIRE(s.remove(weak).ok());
    s.arena.stubborn = 100;
    REQUIRE(s.capabilities.delete_slot(frame).error() == Error::again);
    CHECK(find(CapRef{2, 1}, Type::frame, Rights::none).error() == Error::busy);
}

TEST_CASE("find_empty gives slots to fill", "[space]") {
    TwoLevels s;
    auto find = [&](CapRef ref) { return s.capabilities.find_empty(s.root.cap, ref); };
    CHECK(find(CapRef{2, 7}).value() == s.at(CapRef{2, 7}));
    CHECK(find(CapRef::root_slot(2)).error() == Error::slot_occupied);
    CHECK(find(CapRef{2, 0}).ok());
    CHECK(find(CapRef{}).error() == Error::invalid_argument);
    CHECK(find(CapRef{3, 16}).error() == Error::no_capability);
}
