// Two CPU drivers in one process exchange URPC messages: the ring lies in a frame that one made and the other was given,
// whoever waits is blocked in its own driver, and a poke through the drivers wakes it.
#include <catch2/catch.hpp>

#include "test/unit/driver/driver.hpp"
#include "urpc/urpc.hpp"

using namespace skerry;
using namespace skerry::test;

namespace {

constexpr uint64_t mib = 1024 * 1024;
CapRef slot(uint32_t i) {
    return CapRef{0, 100 + i};
}

// Pokes through the capability in slot 1 of a driver's program.
struct DriverPoker final : urpc::Poker {
    explicit DriverPoker(Driver& d) : driver(d) {}
    void poke() override { CHECK(driver.invoke(slot(1), NotifyOperation::poke).error == Error::none); }
    Driver& driver;
};

Error give(Driver& to, CapRef where, const Capability& cap) {
    uint64_t words[4];
    std::memcpy(words, &cap, sizeof words);
    return to.invoke(well_known::kernel, KernelOperation::create, {where.word, words[0], words[1], words[2], words[3]})
        .error;
}

}  // namespace

TEST_CASE("two drivers' programs exchange messages over a ring, blocking and being poked") {
    platform::Arena arena{64 * mib};
    Driver a{arena, 0, mib, 30 * mib}, b{arena, 1, 32 * mib, 30 * mib};
    REQUIRE(a.boot().ok());
    REQUIRE(b.boot().ok());
    // Ring memory at the receiver: b makes it, a is given a copy; both get the other's Notify.
    REQUIRE(b.retype(slot(0), CapRef{well_known::ram_cnode, 0}, Type::frame, 0, 4096) == Error::none);
    Capability frame = b.identify(slot(0));
    REQUIRE(give(a, slot(0), frame) == Error::none);
    REQUIRE(give(a, slot(1), b.identify(well_known::self_notify)) == Error::none);
    REQUIRE(give(b, slot(1), a.identify(well_known::self_notify)) == Error::none);

    std::byte* memory = arena.memory + frame.base;
    auto side_a = urpc::ChannelLayout::of(memory, 4096, urpc::Side::a);
    auto side_b = urpc::ChannelLayout::of(memory, 4096, urpc::Side::b);
    REQUIRE(side_a.ok());
    REQUIRE(side_b.ok());
    DriverPoker a_pokes{a}, b_pokes{b};
    uint64_t room_a[16 * 7], room_b[16 * 7];  // whole lines' worth
    urpc::Channel at_a(*side_a, a_pokes, room_a), at_b(*side_b, b_pokes, room_b);

    for (uint64_t round = 0; round < 1000; round++) {
        REQUIRE(at_b.prepare_to_block());
        b.call(SystemCall::wait, {0});
        REQUIRE(b.last_exit == Exit::idle);
        uint64_t question[] = {round, ~round};
        REQUIRE(at_a.try_send(7, 1, question).ok());
        REQUIRE(a.machine.poked.size() == round + 1);  // one interrupt a sleep
        REQUIRE(b.core.poke_interrupt() == Exit::fast);
        at_b.cancel_block();
        auto got = at_b.receive();
        REQUIRE(got.ok());
        REQUIRE(got->words[0] == round);
        uint64_t answer[] = {round * 2};
        REQUIRE(at_b.try_send(8, 1, answer).ok());
        auto back = at_a.receive();
        REQUIRE(back.ok());
        REQUIRE(back->words[0] == round * 2);
    }
    CHECK(b.machine.poked.empty());  // a polls and is never poked
    CHECK(a.machine.foreign_accesses.empty());
    CHECK(b.machine.foreign_accesses.empty());
}
