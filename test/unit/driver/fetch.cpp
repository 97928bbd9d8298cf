// A monitor and a program's capability space: into it by copy, mint and move, out of it by fetch.
#include <catch2/catch.hpp>

#include "test/unit/driver/driver.hpp"

using namespace skerry;
using namespace skerry::test;

namespace {
constexpr uint64_t mib = 1024 * 1024;
const CapRef ram{well_known::ram_cnode, 0};
CapRef slot(uint32_t i) {
    return CapRef{0, 100 + i};
}
}  // namespace

TEST_CASE("fetch copies out of another capability space, for who may read that") {
    platform::Arena arena{32 * mib};
    Driver driver{arena, 0, mib, 30 * mib};
    REQUIRE(driver.boot().ok());
    const CapRef root = slot(0), frame = slot(2), theirs{0, 5};
    uint64_t start = base::round_up(driver.identify(ram).base, 16384) - driver.identify(ram).base;
    REQUIRE(driver.retype(root, ram, Type::cnode, start + 16384, 4096) == Error::none);
    REQUIRE(driver.retype(slot(1), ram, Type::cnode, start + 32768, 16384) == Error::none);
    REQUIRE(driver.retype(frame, ram, Type::frame, start + 65536, 4096) == Error::none);
    auto into = [&](CapRef to, CapRef from) {
        return driver.invoke(root, CNodeOperation::copy, {to.word, from.word}).error;
    };
    auto fetch = [&](CapRef from_root, CapRef from, CapRef to) {
        return driver.invoke(from_root, CNodeOperation::fetch, {from.word, to.word}).error;
    };
    REQUIRE(into(CapRef::root_slot(0), slot(1)) == Error::none);
    REQUIRE(into(theirs, frame) == Error::none);

    CHECK(fetch(root, theirs, slot(3)) == Error::none);
    CHECK(driver.identify(slot(3)) == driver.identify(frame));
    CHECK(fetch(root, theirs, slot(3)) == Error::slot_occupied);
    CHECK(fetch(root, CapRef{0, 6}, slot(4)) == Error::no_capability);  // nothing there
    CHECK(fetch(root, CapRef{1, 6}, slot(4)) == Error::no_capability);  // no such CNode
    CHECK(fetch(root, theirs, CapRef{63, 0}) == Error::no_capability);  // no such slot of ours
    CHECK(fetch(root, theirs, CapRef{}) == Error::invalid_argument);

    REQUIRE(driver
                .invoke(well_known::root_cnode, CNodeOperation::mint,
                        {slot(5).word, root.word, uint64_t(Rights::write | Rights::transfer), 0})
                .error == Error::none);
    CHECK(fetch(slot(5), theirs, slot(4)) == Error::no_capability);  // may write there, not read
    CHECK(driver.identify(slot(4)).empty());
}
