// Same-core messages: the straight way, the queue, capabilities on board, and a full or dead receiver.
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
constexpr uint64_t other_entry = 0x401000, other_stack = 0x500000, other_page = 0x600000;

// A second domain on the same core, sharing the first one's capability and address space for simplicity.
struct TwoDomains {
    platform::Arena arena{32 * mib};
    Driver driver{arena, 0, mib, 30 * mib};
    cpudriver::Dispatcher* first = nullptr;
    cpudriver::Dispatcher* second = nullptr;
    CapRef endpoint = slot(2), sender = slot(3), dispatcher = slot(0);

    TwoDomains() {
        REQUIRE(driver.boot().ok());
        first = driver.core.current();
        REQUIRE(driver.retype(dispatcher, ram, Type::dispatcher, 0, 4096) == Error::none);
        REQUIRE(driver.retype(slot(1), ram, Type::frame, 16384, 16384) == Error::none);
        REQUIRE(driver.retype(endpoint, ram, Type::endpoint, 4096, 1024) == Error::none);
        REQUIRE(driver
                    .invoke(dispatcher, DispatcherOperation::configure,
                            {well_known::root_cnode.word, well_known::vspace_root.word, slot(1).word, other_page,
                             well_known::self_endpoint.word})
                    .error == Error::none);
        REQUIRE(driver.invoke(dispatcher, DispatcherOperation::bind, {endpoint.word, 77}).error == Error::none);
        REQUIRE(driver
                    .invoke(well_known::root_cnode, CNodeOperation::mint,
                            {sender.word, endpoint.word, uint64_t(Rights::send | Rights::transfer), 5})
                    .error == Error::none);
        second = cpudriver::Dispatcher::at(driver.memory(driver.identify(dispatcher).base));
        DispatcherPage& page = second->shared();
        for (uint64_t& entry : page.entry) entry = other_entry;
        page.upcall_stack = other_stack;
        page.receive_slot = slot(20).word;
    }
    // Until `deadline`, ns; 0 = for ever.
    void start_second_and_let_it_wait(uint64_t deadline = 0) {
        REQUIRE(driver.invoke(dispatcher, DispatcherOperation::start).error == Error::none);
        driver.page().disabled = 0;
        driver.call(SystemCall::yield, {});
        REQUIRE(driver.core.current() == second);
        driver.call(SystemCall::wait, {deadline});
        REQUIRE(driver.core.current() == first);
        driver.page().disabled = 0;
    }
    Error send(std::initializer_list<uint64_t> words, CapRef carried = {}, bool gives = false) {
        size_t i = 0;
        for (uint64_t word : words) driver.live.message[i++] = word;
        auto length = static_cast<uint32_t>(words.size());
        SendHeader header = carried.null() ? SendHeader::words(length) : SendHeader::with_cap(length, carried);
        if (gives) header = SendHeader::giving_cap(length, carried);
        driver.call(SystemCall::send, {sender.word, header.word});
        return static_cast<Error>(driver.live.error);
    }
};

}  // namespace

TEST_CASE("a send to a waiting receiver switches straight to it, words in place") {
    TwoDomains world;
    world.start_second_and_let_it_wait();
    world.driver.machine.extended = 0x1234;  // live vector state
    world.driver.live.sp = 0x7000;
    world.send({1, 2, 3});
    Driver& driver = world.driver;
    CHECK(driver.core.current() == world.second);
    CHECK(driver.core.statistics().fast_messages == 1);
    CHECK(driver.live.ip == other_entry);
    CHECK(driver.live.sp == other_stack);
    CHECK(driver.live.upcall_word[0] == 77);
    CHECK(driver.live.upcall_word[1] == 3);
    CHECK(driver.live.upcall_word[2] == 5);
    CHECK(driver.live.message[2] == 3);
    CHECK(driver.machine.extended == 0);  // nothing of the sender's state is seen
    CHECK(world.second->shared().disabled == 1);

    driver.call(SystemCall::wait, {0});  // the receiver is done: the sender gets an upcall, and finds its state
    CHECK(driver.core.current() == world.first);
    uint64_t extended;
    std::memcpy(&extended, world.first->area(enabled_area_offset + extended_state_offset), 8);
    CHECK(extended == 0x1234);
    auto& saved = *reinterpret_cast<platform::Registers*>(world.first->area(enabled_area_offset));
    CHECK(saved.sp == 0x7000);
    CHECK(saved.error == static_cast<uint64_t>(Error::none));
}

TEST_CASE("a receiver borrows one slice at most, also of a sender that was alone") {
    TwoDomains world;
    Driver& driver = world.driver;
    uint64_t far = driver.core.now() + 10'000'000'000;
    world.start_second_and_let_it_wait(far);
    driver.core.timer_interrupt();  // whatever was left standing from before
    CHECK(driver.machine.armed == far);
    world.send({1});
    REQUIRE(driver.core.current() == world.second);
    uint64_t end = driver.machine.armed;
    CHECK(end <= driver.core.now() + cpudriver::slice);
    // The sender alone again: the timer may stay; the next loan does not set it anew, and ends no later.
    driver.call(SystemCall::wait, {0});
    REQUIRE(driver.core.current() == world.first);
    driver.page().disabled = 0;
    world.send({2});
    REQUIRE(driver.core.current() == world.second);
    CHECK(driver.machine.armed == end);
    // It fires: the sender, which is ready, gets its turn.
    driver.page().disabled = 0;
    driver.machine.armed = 0;
    driver.core.timer_interrupt();
    CHECK(world.first->schedule.state == cpudriver::RunState::ready);
    CHECK(world.second->schedule.state == cpudriver::RunState::ready);
    CHECK(driver.machine.armed != 0);
}

TEST_CASE("messages queue in order up to the ring's size; then the sender keeps them") {
    TwoDomains world;  // the second one is not started: it waits nowhere
    uint32_t capacity = cpudriver::EndpointObject::capacity_for(1024);
    for (uint32_t i = 0; i < capacity; i++) CHECK(world.send({i}) == Error::none);
    CHECK(world.send({99}) == Error::full);
    REQUIRE(world.driver.invoke(world.dispatcher, DispatcherOperation::start).error == Error::none);
    world.driver.page().disabled = 0;
    world.driver.call(SystemCall::yield, {});
    for (uint32_t i = 0; i < capacity; i++) {
        REQUIRE(world.driver.core.current() == world.second);
        CHECK(world.driver.live.message[0] == i);
        world.driver.call(SystemCall::wait, {0});
    }
    CHECK(world.driver.core.current() == world.first);
}

TEST_CASE("a capability rides along and lies in the receive slot; revoke reaches it in flight") {
    TwoDomains world;
    Driver& driver = world.driver;
    REQUIRE(driver.retype(slot(10), ram, Type::frame, 65536, 4096) == Error::none);
    CHECK(world.send({7}, slot(10)) == Error::none);
    CHECK(world.send({8}, slot(10)) == Error::none);
    CHECK(world.send({9}, slot(11)) == Error::no_capability);
    Error revoked = Error::again;
    while (revoked == Error::again) {
        revoked = driver.invoke(well_known::root_cnode, CNodeOperation::revoke, {slot(10).word}).error;
    }
    CHECK(revoked == Error::none);
    CHECK(world.send({10}, slot(10)) == Error::none);
    REQUIRE(driver.invoke(world.dispatcher, DispatcherOperation::start).error == Error::none);
    driver.page().disabled = 0;
    driver.call(SystemCall::yield, {});
    CHECK(driver.live.upcall_word[1] == (1 | SendHeader::cap_refused));  // revoked on its way
    driver.call(SystemCall::wait, {0});
    CHECK(driver.live.upcall_word[1] == (1 | SendHeader::cap_refused));
    driver.call(SystemCall::wait, {0});
    CHECK(driver.live.message[0] == 10);
    CHECK(driver.live.upcall_word[1] == (1 | SendHeader::cap_received));
    CHECK(driver.identify(slot(20)).type == Type::frame);
}

TEST_CASE("rights are enforced on the fast path, and a refused send changes nothing") {
    TwoDomains world;
    world.start_second_and_let_it_wait();
    Driver& driver = world.driver;
    REQUIRE(driver
                .invoke(well_known::root_cnode, CNodeOperation::mint,
                        {slot(30).word, world.endpoint.word, uint64_t(Rights::read), 0})
                .error == Error::none);
    driver.call(SystemCall::send, {slot(30).word, SendHeader::words(1).word});
    CHECK(static_cast<Error>(driver.live.error) == Error::no_right);
    driver.call(SystemCall::send, {ram.word, SendHeader::words(1).word});
    CHECK(static_cast<Error>(driver.live.error) == Error::wrong_type);
    driver.call(SystemCall::send, {CapRef(63, 255).word, SendHeader::words(1).word});
    CHECK(static_cast<Error>(driver.live.error) == Error::no_capability);
    driver.call(SystemCall::send, {world.sender.word, 11});
    CHECK(static_cast<Error>(driver.live.error) == Error::invalid_argument);
    CHECK(driver.core.current() == world.first);
    CHECK(driver.core.statistics().fast_messages == 0);
}

TEST_CASE("a send finds what the first CNode holds now, whatever an earlier one found there") {
    TwoDomains world;
    Driver& driver = world.driver;
    world.start_second_and_let_it_wait();
    const CapRef root_beside{9, 1}, place = CapRef::root_slot(0), beside = CapRef::root_slot(9);
    auto mint = [&](CapRef to, CapRef from, Rights rights, uint64_t badge) {
        auto words = {to.word, from.word, uint64_t(rights), badge};
        REQUIRE(driver.invoke(well_known::root_cnode, CNodeOperation::mint, words).error == Error::none);
    };
    Error made = Error::misaligned;
    for (uint64_t offset = 32768; made == Error::misaligned; offset += 4096)
        made = driver.retype(beside, ram, Type::cnode, offset, second_level_size);
    REQUIRE(made == Error::none);
    mint(CapRef{9, world.sender.index()}, world.endpoint, Rights::send, 6);
    mint(root_beside, well_known::root_cnode, Rights::read | Rights::write, 0);
    for (int i = 0; i < 2; ++i) {
        world.send({1});
        CHECK(driver.live.upcall_word[2] == 5);
        driver.call(SystemCall::wait, {0});
        driver.page().disabled = 0;
    }
    auto move = [&](CapRef to, CapRef from) {
        return driver.invoke(root_beside, CNodeOperation::move, {to.word, from.word}).error;
    };
    REQUIRE(move(CapRef::root_slot(10), place) == Error::none);
    CHECK(world.send({1}) == Error::no_capability);
    REQUIRE(move(place, beside) == Error::none);
    world.send({1});
    CHECK(driver.core.current() == world.second);
    CHECK(driver.live.upcall_word[2] == 6);
}

TEST_CASE("a dead receiver refuses, and gives back what was in flight") {
    TwoDomains world;
    Driver& driver = world.driver;
    REQUIRE(driver.retype(slot(10), ram, Type::frame, 65536, 4096) == Error::none);
    CHECK(world.send({7}, slot(10)) == Error::none);
    Error gone = Error::again;
    while (gone == Error::again) gone = driver.remove(world.dispatcher);
    CHECK(gone == Error::none);
    CHECK(world.send({8}) == Error::closed);
    CHECK(driver.identify(slot(10)).type == Type::frame);
    CHECK(driver.core.capabilities().tree().count(Type::frame) == 5);  // own page twice, archive, slots 1 and 10
}

TEST_CASE("a dispatcher that faults while disabled ends, and its parent hears of it") {
    TwoDomains world;
    Driver& driver = world.driver;
    REQUIRE(driver.invoke(world.dispatcher, DispatcherOperation::start).error == Error::none);
    driver.page().disabled = 0;
    driver.page().entry[static_cast<uint32_t>(Upcall::message)] = program_entry;
    driver.call(SystemCall::yield, {});
    REQUIRE(driver.core.current() == world.second);
    driver.last_exit = driver.core.page_fault(0xdead000, 2);
    CHECK(world.second->state == DispatcherState::faulted);
    REQUIRE(driver.core.current() == world.first);
    CHECK(driver.live.message[0] == static_cast<uint64_t>(FaultKind::page_fault));
    CHECK(driver.live.message[1] == 0xdead000);
    CHECK(driver.live.message[2] == other_entry);
}

TEST_CASE("a fault while enabled is an upcall with the state in the trap area") {
    TwoDomains world;
    Driver& driver = world.driver;
    driver.page().disabled = 0;
    driver.page().entry[static_cast<uint32_t>(Upcall::page_fault)] = 0x400100;
    driver.page().entry[static_cast<uint32_t>(Upcall::trap)] = 0x400200;
    driver.live.ip = 0x400050;
    CHECK(driver.core.page_fault(0x1000, 1) == Exit::full);
    CHECK(driver.live.ip == 0x400100);
    CHECK(driver.live.upcall_word[0] == 0x1000);
    auto& saved = *reinterpret_cast<platform::Registers*>(world.first->area(trap_area_offset));
    CHECK(saved.ip == 0x400050);

    driver.page().disabled = 0;
    driver.live.number = 39;  // some other system's call
    CHECK(driver.core.system_call() == Exit::full);
    CHECK(driver.live.ip == 0x400200);
    CHECK(driver.live.upcall_word[1] == 39);
    CHECK(saved.number == 39);
}

// Found by hostile.cpp with seed 2: the driver destroyed the receiver while it was upcalling it.
TEST_CASE("a refused capability may be the last one to its receiver") {
    TwoDomains world;
    Driver& driver = world.driver;
    REQUIRE(driver.invoke(world.dispatcher, DispatcherOperation::start).error == Error::none);
    REQUIRE(world.send({1}, world.dispatcher) == Error::none);
    REQUIRE(world.send({2}) == Error::none);
    REQUIRE(driver.remove(world.dispatcher) == Error::none);
    world.second->shared().receive_slot = 0;
    driver.page().disabled = 0;
    driver.call(SystemCall::yield, {});
    REQUIRE(driver.core.current() == world.second);
    CHECK(driver.live.upcall_word[1] == (1 | SendHeader::cap_refused));
    driver.call(SystemCall::wait, {0});
    CHECK(driver.live.message[0] == 2);
    CHECK(driver.live.upcall_word[1] == 1);  // what lies in the ring belongs to no other message
    driver.call(SystemCall::wait, {0});
    REQUIRE(driver.core.current() == world.first);
    driver.page().disabled = 0;
    // The place in the ring is used again: the dispatcher goes.
    REQUIRE(driver.retype(slot(10), ram, Type::frame, 65536, 4096) == Error::none);
    Error sent = Error::none;
    for (int i = 0; i < 8 && sent == Error::none; i++) {
        sent = world.send({3}, slot(10));
        if (driver.core.current() == world.second) driver.call(SystemCall::wait, {0});
    }
    CHECK(sent == Error::full);
    CHECK(world.send({4}) == Error::closed);
}

TEST_CASE("a gift leaves the sender's slot, and lies in the receiver's") {
    TwoDomains world;
    Driver& driver = world.driver;
    REQUIRE(driver.retype(slot(10), ram, Type::frame, 65536, 4096) == Error::none);
    auto frames = [&] { return driver.core.capabilities().tree().count(Type::frame); };
    uint64_t before = frames();
    CHECK(world.send({7}, slot(10), true) == Error::none);
    CHECK(driver.identify(slot(10)).empty());
    CHECK(frames() == before);
    CHECK(world.send({7}, slot(10), true) == Error::no_capability);
    REQUIRE(driver.invoke(world.dispatcher, DispatcherOperation::start).error == Error::none);
    driver.page().disabled = 0;
    driver.call(SystemCall::yield, {});
    CHECK(driver.live.upcall_word[1] == (1 | SendHeader::cap_received));
    CHECK(driver.identify(slot(20)).type == Type::frame);
    CHECK(frames() == before);
    CHECK(world.first->gifts.empty());
}

TEST_CASE("a gift that cannot be queued stays, one that cannot be taken comes back") {
    TwoDomains world;
    Driver& driver = world.driver;
    REQUIRE(driver.retype(slot(10), ram, Type::frame, 65536, 4096) == Error::none);
    REQUIRE(driver.retype(slot(11), ram, Type::frame, 65536 + 4096, 4096) == Error::none);
    uint32_t capacity = cpudriver::EndpointObject::capacity_for(1024);
    REQUIRE(capacity >= 3);
    CHECK(world.send({1}, slot(10), true) == Error::none);
    CHECK(world.send({2}, slot(11), true) == Error::none);
    for (uint32_t i = 2; i < capacity; i++) CHECK(world.send({i}) == Error::none);
    REQUIRE(driver.retype(slot(12), ram, Type::frame, 65536 + 8192, 4096) == Error::none);
    CHECK(world.send({3}, slot(12), true) == Error::full);
    CHECK(driver.identify(slot(12)).type == Type::frame);

    world.second->shared().receive_slot = 0;  // takes none
    REQUIRE(driver.invoke(world.dispatcher, DispatcherOperation::start).error == Error::none);
    REQUIRE(driver.copy(slot(11), slot(12)) == Error::none);  // the second one's place is in use
    auto frames = [&] { return driver.core.capabilities().tree().count(Type::frame); };
    uint64_t before = frames();
    driver.page().disabled = 0;
    driver.call(SystemCall::yield, {});
    CHECK(driver.live.upcall_word[1] == (1 | SendHeader::cap_refused));
    CHECK(driver.identify(slot(10)).type == Type::frame);
    CHECK(frames() == before);
    driver.call(SystemCall::wait, {0});
    CHECK(driver.live.upcall_word[1] == (1 | SendHeader::cap_refused));
    CHECK(frames() == before);  // the last of its kind stays in the ring until its place is used again
    CHECK(world.first->gifts.empty());
}

TEST_CASE("gifts of a dead receiver come back; a dead giver's go on to the receiver") {
    SECTION("the receiver dies") {
        TwoDomains world;
        Driver& driver = world.driver;
        REQUIRE(driver.retype(slot(10), ram, Type::frame, 65536, 4096) == Error::none);
        CHECK(world.send({7}, slot(10), true) == Error::none);
        SECTION("with its dispatcher") {
            Error gone = Error::again;
            while (gone == Error::again) gone = driver.remove(world.dispatcher);
            CHECK(gone == Error::none);
        }
        SECTION("with its endpoint") {
            Error gone = Error::again;
            while (gone == Error::again) {
                gone = driver.invoke(well_known::root_cnode, CNodeOperation::revoke, {world.endpoint.word}).error;
            }
            while ((gone = driver.remove(world.endpoint)) == Error::again) {
            }
            CHECK(gone == Error::none);
        }
        CHECK(driver.identify(slot(10)).type == Type::frame);
        CHECK(world.first->gifts.empty());
    }
    SECTION("the giver dies") {
        TwoDomains world;
        Driver& driver = world.driver;
        REQUIRE(driver.retype(slot(10), ram, Type::frame, 65536, 4096) == Error::none);
        // The second domain gives to the first one.
        REQUIRE(
            driver
                .invoke(well_known::root_cnode, CNodeOperation::mint,
                        {slot(4).word, well_known::self_endpoint.word, uint64_t(Rights::send | Rights::transfer), 6})
                .error == Error::none);
        world.first->shared().receive_slot = slot(21).word;
        REQUIRE(driver.invoke(world.dispatcher, DispatcherOperation::start).error == Error::none);
        driver.page().disabled = 1;
        driver.call(SystemCall::yield, {});
        REQUIRE(driver.core.current() == world.second);
        driver.call(SystemCall::send, {slot(4).word, SendHeader::giving_cap(1, slot(10)).word});
        REQUIRE(static_cast<Error>(driver.live.error) == Error::none);
        REQUIRE_FALSE(world.second->gifts.empty());
        while (driver.core.current() == world.second) driver.call(SystemCall::wait, {0});
        Error gone = Error::again;
        while (gone == Error::again) gone = driver.remove(world.dispatcher);
        CHECK(gone == Error::none);
        driver.page().disabled = 0;
        driver.page().entry[static_cast<uint32_t>(Upcall::message)] = program_entry;
        driver.call(SystemCall::yield, {});
        CHECK(driver.live.upcall_word[1] == (1 | SendHeader::cap_received));
        CHECK(driver.identify(slot(21)).type == Type::frame);
    }
}
