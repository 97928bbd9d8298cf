// Two CPU drivers as objects in one process: nothing of one is the other's, and they meet only in frames and pokes.
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

struct TwoCores {
    platform::Arena arena{64 * mib};
    Driver a{arena, 0, mib, 30 * mib};
    Driver b{arena, 1, 32 * mib, 30 * mib};
    TwoCores() {
        REQUIRE(a.boot().ok());
        REQUIRE(b.boot().ok());
    }
    void check_law_1() {
        CHECK(a.machine.foreign_accesses.empty());
        CHECK(b.machine.foreign_accesses.empty());
    }
};

}  // namespace

TEST_CASE("each driver boots its first program at its entry, disabled, with its own capabilities") {
    TwoCores cores;
    for (Driver* driver : {&cores.a, &cores.b}) {
        CHECK(driver->last_exit == Exit::fast);
        CHECK(driver->live.ip == program_entry);
        CHECK(driver->page().disabled == 1);
        CHECK(driver->page().core == driver->record.core);
        CHECK(driver->identify(well_known::kernel).type == Type::kernel);
        CHECK(driver->identify(ram).type == Type::ram);
    }
    CHECK(cores.a.identify(well_known::kernel_control).type == Type::kernel_control);
    CHECK(cores.b.identify(well_known::kernel_control).empty());
    cores.check_law_1();
}

TEST_CASE("a poke crosses cores once per bit and wakes the blocked dispatcher") {
    TwoCores cores;
    auto& [arena, a, b] = cores;
    Capability notify = b.identify(well_known::self_notify);
    REQUIRE(notify.type == Type::notify);
    uint64_t words[4];
    std::memcpy(words, &notify, sizeof words);
    REQUIRE(
        a.invoke(well_known::kernel, KernelOperation::create, {slot(0).word, words[0], words[1], words[2], words[3]})
            .error == Error::none);
    b.call(SystemCall::wait, {0});
    CHECK(b.last_exit == Exit::idle);

    CHECK(a.invoke(slot(0), NotifyOperation::poke).error == Error::none);
    CHECK(a.invoke(slot(0), NotifyOperation::poke).error == Error::none);
    CHECK(a.machine.poked == std::vector<uint64_t>{11});  // the second found the bit set
    CHECK(b.core.poke_interrupt() == Exit::fast);
    CHECK(b.live.upcall_word[0] == 1);

    CHECK(a.invoke(slot(0), NotifyOperation::poke).error == Error::none);
    CHECK(a.machine.poked.size() == 2);
    cores.check_law_1();
}

TEST_CASE("a core whose cycle counter is ahead begins with its starter's time and is only ever set forward") {
    constexpr uint64_t ahead = 5'000'000'000'000, start = 40'000;
    platform::Arena arena{64 * mib};
    Driver b{arena, 1, 32 * mib, 30 * mib};
    b.machine.time = ahead;
    b.record.clock_start = start;
    REQUIRE(b.boot().ok());
    CHECK(b.core.now() == start);
    CHECK(static_cast<uint64_t>(b.page().clock_offset) + ahead == start);  // what its programs reckon with
    b.machine.time += 100;
    CHECK(b.core.now() == start + 100);

    // A timer armed in this time fires in the machine's.
    b.page().disabled = 0;
    b.call(SystemCall::wait, {start + 600});
    CHECK(b.last_exit == Exit::idle);
    CHECK(b.machine.armed == ahead + 600);
    b.machine.time = b.machine.armed;
    CHECK(b.core.timer_interrupt() == Exit::fast);

    auto set = [&](uint64_t now) {
        uint64_t offset = now - b.machine.time;
        return b.invoke(well_known::kernel, KernelOperation::set_clock_offset, {offset}).error;
    };
    CHECK(set(start + 900) == Error::none);
    CHECK(b.core.now() == start + 900);
    CHECK(static_cast<uint64_t>(b.page().clock_offset) + b.machine.time == start + 900);
    CHECK(set(start + 899) == Error::invalid_argument);
    CHECK(b.core.now() == start + 900);
}

TEST_CASE("a program that waits for the end of time does not make the timer fire at once") {
    constexpr uint64_t ahead = 5'000'000'000'000, start = 40'000, hour = 3'600'000'000'000;
    platform::Arena arena{64 * mib};
    Driver b{arena, 1, 32 * mib, 30 * mib};
    b.machine.time = ahead;
    b.record.clock_start = start;
    REQUIRE(b.boot().ok());
    b.page().disabled = 0;
    b.call(SystemCall::wait, {~uint64_t{0} - 1});
    CHECK(b.last_exit == Exit::idle);
    CHECK(b.machine.armed > b.machine.time + hour);
    b.machine.time += hour;
    CHECK(b.core.timer_interrupt() == Exit::idle);  // one that came early
    CHECK(b.machine.armed > b.machine.time + hour);
}

TEST_CASE("a frame made on one core is mapped and written on the other") {
    TwoCores cores;
    auto& [arena, a, b] = cores;
    REQUIRE(a.retype(slot(0), ram, Type::frame, 0, 8192) == Error::none);
    Capability frame = a.identify(slot(0));
    CHECK(frame.extra == 8192);
    uint64_t words[4];
    std::memcpy(words, &frame, sizeof words);
    REQUIRE(
        b.invoke(well_known::kernel, KernelOperation::create, {slot(0).word, words[0], words[1], words[2], words[3]})
            .error == Error::none);
    Capability there = b.identify(slot(0));
    CHECK((there.flags & flag_foreign) != 0);
    // The receiving driver makes no kernel object of it and maps it into its own tables.
    CHECK(b.retype(slot(9), slot(0), Type::cnode, 0, 1024) != Error::none);
    REQUIRE(b.retype(slot(1), ram, Type::vnode, 0, 4096, 1) == Error::none);
    CHECK(b.invoke(slot(1), VNodeOperation::map,
                   {3, slot(0).word, slot(2).word, map_flags::read | map_flags::write, 0, 2})
              .error == Error::none);
    CHECK(b.machine.after_maps == 1);
    CHECK(b.machine.published.empty());  // nothing executable
    uint64_t entry;
    std::memcpy(&entry, b.memory(b.identify(slot(1)).base) + 3 * 8, 8);
    CHECK(platform::PageTable::address(entry).value == frame.base);
    cores.check_law_1();
}

TEST_CASE("what one core hands over is out of its reach") {
    TwoCores cores;
    auto& [arena, a, b] = cores;
    Capability region = a.identify(ram);
    uint64_t start = base::round_up(region.base, 2 * mib);
    REQUIRE(a.retype(slot(0), ram, Type::ram, start - region.base, 4 * mib) == Error::none);
    REQUIRE(a.invoke(well_known::kernel_control, KernelControlOperation::withdraw, {slot(0).word}).error ==
            Error::none);
    CHECK_FALSE(a.machine.owns(base::PhysAddr{start}, 4096));
    CHECK(a.retype(slot(1), slot(0), Type::cnode, 0, 4096) == Error::refused);
    // Not twice, not with something in it, not unaligned.
    CHECK(a.invoke(well_known::kernel_control, KernelControlOperation::withdraw, {slot(0).word}).error ==
          Error::refused);
    CHECK(b.invoke(well_known::kernel_control, KernelControlOperation::withdraw, {ram.word}).error ==
          Error::no_capability);
    cores.check_law_1();
}

TEST_CASE("the driver says what lies around a capability, and in it") {
    TwoCores cores;
    auto& [arena, a, b] = cores;
    Capability region = a.identify(ram);
    REQUIRE(a.retype(slot(0), ram, Type::ram, 0, 16384) == Error::none);
    REQUIRE(a.retype(slot(1), slot(0), Type::ram, 4096, 8192) == Error::none);
    REQUIRE(a.retype(slot(2), slot(1), Type::frame, 4096, 4096) == Error::none);
    auto relations = [&](CapRef of, uint64_t offset, uint64_t bytes) {
        return a.invoke(well_known::kernel, KernelOperation::relations, {of.word, offset, bytes});
    };
    Answer frame = relations(slot(2), 0, 0);
    CHECK(frame.value[0] == 0);
    CHECK(frame.value[1] == region.base + 4096);
    CHECK(frame.value[2] == 8192);
    Answer part = relations(slot(1), 0, 4096);
    CHECK(part.value[0] == 2);
    CHECK(part.value[1] == region.base);
    CHECK(part.value[2] == 16384);
    CHECK(relations(slot(1), 4096, 4096).value[0] == (2 | 4));
    REQUIRE(a.remove(slot(1)) == Error::none);
    CHECK(relations(slot(2), 0, 0).value[2] == 16384);
    Answer all = relations(ram, 0, 0);
    CHECK(all.value[1] == 0);
    CHECK(all.value[2] == 0);
    CHECK(relations(slot(2), 4096, 1).error == Error::out_of_range);
    CHECK(relations(slot(7), 0, 0).error == Error::no_capability);
    cores.check_law_1();
}

TEST_CASE("a malformed capability from another core is refused") {
    TwoCores cores;
    auto& [arena, a, b] = cores;
    auto create = [&](const Capability& cap) {
        uint64_t words[4];
        std::memcpy(words, &cap, sizeof words);
        return b
            .invoke(well_known::kernel, KernelOperation::create, {slot(0).word, words[0], words[1], words[2], words[3]})
            .error;
    };
    Capability good{.type = Type::frame, .rights = Rights::read, .base = 2 * mib, .size = 4096, .extra = 4096};
    Capability bad = good;
    bad.type = Type::cnode;
    CHECK(create(bad) == Error::refused);
    bad = good, bad.rights = Rights::control;
    CHECK(create(bad) != Error::none);
    bad = good, bad.size = 0;
    CHECK(create(bad) != Error::none);
    bad = good, bad.base = ~uint64_t{4095};
    CHECK(create(bad) != Error::none);
    bad = good, bad.extra = 0;
    CHECK(create(bad) == Error::unclean);
    bad = good, bad.type = Type::ram, bad.rights = Rights::retype, bad.base = 32 * mib;
    bad.size = 30 * mib;
    CHECK(create(bad) == Error::refused);  // RAM that it owns itself, and holds no more of than a part
    CHECK(b.identify(slot(0)).empty());
    Capability part = bad;
    part.base = 40 * mib, part.size = 4096;
    CHECK(create(part) == Error::none);
    CHECK((b.identify(slot(0)).flags & capabilities::flag_foreign) == 0);
    CHECK(b.remove(slot(0)) == Error::none);
    CHECK(create(good) == Error::none);
    CHECK((b.identify(slot(0)).flags & capabilities::flag_foreign) != 0);
}
