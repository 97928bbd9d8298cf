#include "usr/runtime/batch.hpp"

#include <catch2/catch.hpp>

#include "fixture.hpp"

using namespace skerry;
using namespace skerry::test;

namespace {

template <typename Cap>
std::vector<Cap> make(Fixture& f, Type type, uint64_t count) {
    std::vector<Cap> made;
    for (uint64_t i = 0; i < count; ++i) {
        CapRef ref = f.slots.allocate().value();
        f.kernel.own(ref) = {.type = type, .rights = capabilities::Rights::all, .base = 100 + i, .size = 1};
        made.push_back(Cap{ref});
    }
    return made;
}

using Calls = std::vector<std::vector<uint64_t>>;

}  // namespace

TEST_CASE("many cores' drivers are asked in as few calls as have room for them", "[runtime]") {
    Fixture f;
    auto flushes = make<runtime::FlushCap>(f, Type::flush, 16);
    runtime::FlushBatch batch;
    for (const auto& flush : flushes) CHECK(batch.add(flush).ok());
    CHECK(batch.send().ok());
    CHECK(batch.send().ok());  // nothing is left
    CHECK(f.kernel.signals ==
          Calls{{100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112}, {113, 114, 115}});
    // Shorter than before: what the last call named is not named again.
    CHECK(batch.add(flushes[3]).ok());
    CHECK(batch.add(flushes[4]).ok());
    CHECK(batch.send().ok());
    CHECK(f.kernel.signals.back() == std::vector<uint64_t>{103, 104});
}

TEST_CASE("pokes leave a word for the message that they are about", "[runtime]") {
    Fixture f;
    auto notifies = make<runtime::NotifyCap>(f, Type::notify, 12);
    runtime::PokeBatch batch;
    for (const auto& notify : notifies) CHECK(batch.add(notify).ok());
    CHECK(batch.send().ok());
    CHECK(f.kernel.signals == Calls{{100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110}, {111}});
}

TEST_CASE("where one is gone the others are asked all the same", "[runtime]") {
    Fixture f;
    auto flushes = make<runtime::FlushCap>(f, Type::flush, 4);
    f.kernel.own(flushes[2].ref) = {};
    runtime::FlushBatch batch;
    for (const auto& flush : flushes) CHECK(batch.add(flush).ok());
    CHECK(batch.send().error() == Error::no_capability);
    CHECK(f.kernel.signals == Calls{{100}, {101}, {103}});
}
