// Device interrupts: masked from the moment they are taken until they are acknowledged, and whenever nobody serves them.
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
constexpr uint32_t index = 7, vector = platform::PageTable::first_device_vector + index;
constexpr uint64_t line = 4;

struct Device {
    platform::Arena arena{32 * mib};
    Driver driver{arena, 0, mib, 30 * mib};
    CapRef interrupt = slot(0), region = slot(1);
    Device() {
        REQUIRE(driver.boot().ok());
        REQUIRE(driver.retype(interrupt, well_known::interrupt, Type::interrupt, index, 1) == Error::none);
        REQUIRE(driver.retype(region, CapRef{well_known::device_cnode, 0}, Type::device_memory, 0, 4096) ==
                Error::none);
    }
    Answer ask(InterruptOperation operation, std::initializer_list<uint64_t> arguments) {
        return driver.invoke(interrupt, operation, arguments);
    }
    void route_and_connect() {
        REQUIRE(ask(InterruptOperation::route, {0, region.word, 0, line}).error == Error::none);
        REQUIRE(driver.machine.masked(vector));
        REQUIRE(ask(InterruptOperation::connect, {0, well_known::dispatcher.word}).error == Error::none);
        REQUIRE_FALSE(driver.machine.masked(vector));
    }
    // Blocks the program, then the device interrupts. True: it was woken.
    bool interrupt_blocked() {
        driver.page().disabled = 0;
        driver.call(SystemCall::wait, {0});
        if (driver.last_exit != Exit::idle) return false;
        driver.last_exit = driver.core.device_interrupt(vector);
        return driver.last_exit == Exit::fast && driver.live.upcall_word[0] == 1;
    }
};

}  // namespace

TEST_CASE("an interrupt masks its line until it is acknowledged", "[interrupt]") {
    Device device;
    device.route_and_connect();
    for (uint64_t round = 1; round < 5; round++) {
        CHECK(device.interrupt_blocked());
        CHECK(device.driver.machine.masked(vector));
        Answer answer = device.ask(InterruptOperation::acknowledge, {0});
        CHECK(answer.error == Error::none);
        CHECK(answer.value[0] == round);
        CHECK_FALSE(device.driver.machine.masked(vector));
        CHECK(device.ask(InterruptOperation::acknowledge, {0}).value[0] == round);  // nothing to acknowledge: no harm
    }
    CHECK(device.driver.core.statistics().interrupts == 4);
}

TEST_CASE("one that comes although it is outstanding is told with the acknowledgement", "[interrupt]") {
    Device device;
    device.route_and_connect();
    CHECK(device.interrupt_blocked());
    device.driver.core.device_interrupt(vector);  // on its way before the mask was written
    device.driver.core.device_interrupt(vector);
    CHECK(device.ask(InterruptOperation::acknowledge, {0}).value[0] == 3);
    CHECK(device.driver.machine.masked(vector));  // it was poked again, and has that to acknowledge
    device.driver.page().disabled = 0;
    device.driver.call(SystemCall::wait, {0});
    CHECK(device.driver.last_exit == Exit::fast);
    CHECK(device.driver.live.upcall_word[0] == 1);
    CHECK(device.ask(InterruptOperation::acknowledge, {0}).value[0] == 3);
    CHECK_FALSE(device.driver.machine.masked(vector));
}

TEST_CASE("a vector that nobody serves stays masked", "[interrupt]") {
    Device device;
    REQUIRE(device.ask(InterruptOperation::route, {0, device.region.word, 0, line}).error == Error::none);
    device.driver.machine.unmask_interrupt(vector);
    device.driver.core.device_interrupt(vector);
    CHECK(device.driver.machine.masked(vector));
    device.driver.core.device_interrupt(platform::PageTable::first_device_vector -
                                        1);  // and those that are no device's
    device.driver.core.device_interrupt(255);

    REQUIRE(device.ask(InterruptOperation::connect, {0, well_known::dispatcher.word}).error == Error::none);
    CHECK(device.ask(InterruptOperation::disconnect, {0}).error == Error::none);
    CHECK(device.driver.machine.masked(vector));
    CHECK(device.ask(InterruptOperation::disconnect, {0}).error == Error::closed);
    CHECK(device.ask(InterruptOperation::acknowledge, {0}).error == Error::closed);
}

TEST_CASE("a line is masked when its capability or its dispatcher goes", "[interrupt]") {
    Device device;
    Driver& driver = device.driver;
    SECTION("the capability") {
        device.route_and_connect();
        REQUIRE(driver.copy(slot(9), device.interrupt) == Error::none);
        REQUIRE(driver.remove(device.interrupt) == Error::none);
        CHECK_FALSE(driver.machine.masked(vector));
        REQUIRE(driver.remove(slot(9)) == Error::none);
        CHECK(driver.machine.masked(vector));
    }
    SECTION("revoked") {
        device.route_and_connect();
        Error revoked = Error::again;
        while (revoked == Error::again) {
            revoked = driver.invoke(well_known::root_cnode, CNodeOperation::revoke, {well_known::interrupt.word}).error;
        }
        CHECK(revoked == Error::none);
        CHECK(driver.machine.masked(vector));
    }
    SECTION("the dispatcher") {
        REQUIRE(device.ask(InterruptOperation::route, {0, device.region.word, 0, line}).error == Error::none);
        REQUIRE(driver.retype(slot(2), ram, Type::dispatcher, 0, 4096) == Error::none);
        REQUIRE(device.ask(InterruptOperation::connect, {0, slot(2).word}).error == Error::none);
        CHECK_FALSE(driver.machine.masked(vector));
        Error gone = Error::again;
        while (gone == Error::again) gone = driver.remove(slot(2));
        CHECK(gone == Error::none);
        CHECK(driver.machine.masked(vector));
        CHECK(device.ask(InterruptOperation::acknowledge, {0}).error == Error::closed);
        CHECK(device.ask(InterruptOperation::connect, {0, well_known::dispatcher.word}).error == Error::none);
    }
}

namespace {

constexpr uint64_t mask_offset = 0x40, enable = 1 << 16;

// Messages, masked by a bit of the device's own register; `idle`: what it holds while they may come.
struct MessageDevice : Device {
    bool when_set;
    explicit MessageDevice(bool set) : when_set(set) {
        mask_register() = set ? 0 : enable;
        REQUIRE(ask(InterruptOperation::connect, {0, well_known::dispatcher.word}).error == Error::none);
        REQUIRE(mask_by(0, mask_offset).error == Error::none);
    }
    uint64_t mode() const { return enable | (when_set ? interrupt_mode::masked_when_set : 0); }
    Answer mask_by(uint64_t which, uint64_t offset) {
        return ask(InterruptOperation::mask_by, {which, region.word, offset, mode()});
    }
    uint64_t address() {
        return driver.invoke(well_known::root_cnode, CNodeOperation::identify, {region.word}).value[1] + mask_offset;
    }
    uint32_t& mask_register() { return driver.machine.registers[address()]; }
    bool masked() { return ((mask_register() & enable) != 0) == when_set; }
};

}  // namespace

TEST_CASE("messages are masked when a second comes before the acknowledgement", "[interrupt]") {
    MessageDevice device(GENERATE(false, true));
    Driver& driver = device.driver;
    device.mask_register() |= 0x5;  // not ours
    Answer known = device.ask(InterruptOperation::mask, {0});
    CHECK(known.value[0] == device.address());
    CHECK(known.value[1] == device.mode());
    for (uint64_t round = 0; round < 3; round++) {
        CHECK(device.interrupt_blocked());
        CHECK_FALSE(device.masked());
        driver.core.device_interrupt(vector);
        CHECK(device.masked());
        driver.core.device_interrupt(vector);  // it was on its way
        Answer answer = device.ask(InterruptOperation::acknowledge, {0});
        CHECK(answer.value[0] == 3 * (round + 1));
        CHECK_FALSE(device.masked());
        driver.page().disabled = 0;
        driver.call(SystemCall::wait, {0});  // poked: what came while it was masked is lost
        CHECK(driver.last_exit == Exit::fast);
        CHECK(driver.live.upcall_word[0] == 1);
        CHECK(device.ask(InterruptOperation::acknowledge, {0}).value[0] == 3 * (round + 1));
    }
    CHECK((device.mask_register() & 0x5) == 0x5);
}

TEST_CASE("who is no longer connected leaves the device's register alone", "[interrupt]") {
    MessageDevice device(false);
    Driver& driver = device.driver;
    bool masked = GENERATE(false, true);
    for (int i = 0; i < (masked ? 2 : 1); i++) driver.core.device_interrupt(vector);
    CHECK(device.masked() == masked);
    SECTION("disconnected") {
        CHECK(device.ask(InterruptOperation::disconnect, {0}).error == Error::none);
        CHECK(device.ask(InterruptOperation::mask, {0}).value[0] == 0);
        CHECK(device.mask_by(0, mask_offset).error == Error::closed);
        REQUIRE(device.ask(InterruptOperation::connect, {0, well_known::dispatcher.word}).error == Error::none);
        CHECK(device.ask(InterruptOperation::mask, {0}).value[0] == 0);
    }
    SECTION("its capability is gone") {
        REQUIRE(driver.remove(device.interrupt) == Error::none);
    }
    CHECK(device.masked() == masked);
    for (int i = 0; i < 3; i++) driver.core.device_interrupt(vector);
    CHECK(device.masked() == masked);
}

TEST_CASE("wrong registers to mask messages by are refused", "[interrupt]") {
    MessageDevice device(false);
    Driver& driver = device.driver;
    CHECK(device.mask_by(0, mask_offset).error == Error::busy);
    CHECK(device.ask(InterruptOperation::disconnect, {0}).error == Error::none);
    REQUIRE(device.ask(InterruptOperation::connect, {0, well_known::dispatcher.word}).error == Error::none);
    CHECK(device.mask_by(0, 2).error == Error::misaligned);
    CHECK(device.mask_by(0, 4096).error == Error::out_of_range);
    CHECK(device.mask_by(0, ~uint64_t{3}).error == Error::out_of_range);
    CHECK(device.mask_by(1, 0).error == Error::out_of_range);
    CHECK(device.ask(InterruptOperation::mask_by, {0, device.region.word, 0, interrupt_mode::masked_when_set}).error ==
          Error::out_of_range);
    CHECK(device.ask(InterruptOperation::mask_by, {0, ram.word, 0, 1}).error == Error::wrong_type);
    REQUIRE(driver
                .invoke(well_known::root_cnode, CNodeOperation::mint,
                        {slot(5).word, device.region.word, static_cast<uint64_t>(Rights::read | Rights::write), 0})
                .error == Error::none);
    CHECK(device.ask(InterruptOperation::mask_by, {0, slot(5).word, 0, 1}).error == Error::no_right);
    CHECK(device.ask(InterruptOperation::mask, {0}).value[0] == 0);

    // As many as the machine has windows; one that is let go is free again.
    constexpr uint32_t windows = platform::Machine::device_windows;
    auto other = [&](uint32_t i, InterruptOperation operation, std::initializer_list<uint64_t> arguments) {
        return driver.invoke(slot(10 + i), operation, arguments).error;
    };
    for (uint32_t i = 0; i <= windows; i++) {
        REQUIRE(driver.retype(slot(10 + i), well_known::interrupt, Type::interrupt, 20 + i, 1) == Error::none);
        REQUIRE(other(i, InterruptOperation::connect, {0, well_known::dispatcher.word}) == Error::none);
        CHECK(other(i, InterruptOperation::mask_by, {0, device.region.word, 4 * i, 1}) ==
              (i < windows ? Error::none : Error::full));
    }
    CHECK(other(0, InterruptOperation::disconnect, {0}) == Error::none);
    CHECK(other(windows, InterruptOperation::mask_by, {0, device.region.word, 0, 1}) == Error::none);
}

TEST_CASE("wrong uses of an interrupt are refused and change nothing", "[interrupt]") {
    Device device;
    Driver& driver = device.driver;
    CHECK(device.ask(InterruptOperation::acknowledge, {0}).error == Error::closed);
    for (auto operation : {InterruptOperation::connect, InterruptOperation::route, InterruptOperation::acknowledge,
                           InterruptOperation::disconnect}) {
        CHECK(device.ask(operation, {1, well_known::dispatcher.word}).error == Error::out_of_range);
        CHECK(device.ask(operation, {~uint64_t{0}, well_known::dispatcher.word}).error == Error::out_of_range);
    }
    CHECK(device.ask(static_cast<InterruptOperation>(6), {0}).error == Error::unsupported);
    CHECK(device.ask(InterruptOperation::connect, {0, ram.word}).error == Error::wrong_type);
    CHECK(device.ask(InterruptOperation::route, {0, ram.word, 0, line}).error == Error::wrong_type);
    CHECK(device.ask(InterruptOperation::route, {0, device.region.word, 4096, line}).error == Error::out_of_range);
    CHECK(device.ask(InterruptOperation::route, {0, device.region.word, 0, 24}).error == Error::out_of_range);
    CHECK(driver.machine.lines.empty());

    auto mint = [&](CapRef to, CapRef from, Rights rights) {
        REQUIRE(driver
                    .invoke(well_known::root_cnode, CNodeOperation::mint,
                            {to.word, from.word, static_cast<uint64_t>(rights), 0})
                    .error == Error::none);
    };
    mint(slot(5), device.region, Rights::read);
    CHECK(device.ask(InterruptOperation::route, {0, slot(5).word, 0, line}).error == Error::no_right);
    device.route_and_connect();
    CHECK(device.ask(InterruptOperation::route, {0, device.region.word, 0, 5}).error == Error::busy);
    CHECK(device.ask(InterruptOperation::connect, {0, well_known::dispatcher.word}).error == Error::busy);
    mint(slot(6), device.interrupt, Rights::all & ~Rights::control);
    CHECK(device.interrupt_blocked());
    for (auto operation : {InterruptOperation::acknowledge, InterruptOperation::disconnect}) {
        CHECK(driver.invoke(slot(6), operation, {0}).error == Error::no_right);
    }
    CHECK(driver.machine.masked(vector));
    CHECK(device.ask(InterruptOperation::acknowledge, {0}).error == Error::none);
}

TEST_CASE("the time of an interrupt is its driver's", "[interrupt]") {
    Device device;
    Driver& driver = device.driver;
    REQUIRE(driver.retype(slot(2), ram, Type::dispatcher, 0, 4096) == Error::none);
    REQUIRE(device.ask(InterruptOperation::connect, {0, slot(2).word}).error == Error::none);
    driver.machine.time += 100;  // of the program that runs
    driver.machine.tick = 3;     // every look at the clock takes time
    auto used = [&](CapRef dispatcher) { return driver.invoke(dispatcher, DispatcherOperation::read_state).value[1]; };
    uint64_t before = used(slot(2));
    driver.core.device_interrupt(vector);
    CHECK(used(slot(2)) > before);
}
