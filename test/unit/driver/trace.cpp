// The driver's trace ring: same-core messages carry the same number at both ends, times are the aligned clock's, and
// what was overwritten is passed over.
#include <catch2/catch.hpp>

#include "test/unit/driver/driver.hpp"

using namespace skerry;
using namespace skerry::test;

namespace {

constexpr uint64_t mib = 1024 * 1024;

struct Read {
    uint64_t lost = 0;
    std::vector<TraceEvent> events;  // time in ns
    bool has(TraceKind kind, uint64_t argument) const {
        for (const TraceEvent& event : events) {
            if (event.kind() == static_cast<uint64_t>(kind) && event.argument == argument) return true;
        }
        return false;
    }
};

// Reading is itself a system call, and so an event: only what was there before is read.
Read read_all(Driver& driver, uint64_t count) {
    Read read;
    for (uint64_t position = 0; read.events.size() < count;) {
        Answer answer = driver.invoke(well_known::kernel, KernelOperation::trace_read, {position});
        if (answer.error != Error::none) break;
        read.lost += answer.value[0] - 1 - position;
        position = answer.value[0];
        read.events.push_back({answer.value[1] << 8 | answer.value[2], answer.value[3]});
    }
    return read;
}

}  // namespace

TEST_CASE("a queued message has one number at both ends") {
    platform::Arena arena{32 * mib};
    Driver driver{arena, 0, mib, 30 * mib};
    REQUIRE(driver.boot().ok());
    driver.page().entry[static_cast<uint32_t>(Upcall::message)] = program_entry;
    for (int i = 0; i < 2; i++) {
        driver.call(SystemCall::send, {well_known::self_endpoint.word, SendHeader::words(1).word});
        REQUIRE(driver.live.error == 0);
    }
    driver.page().disabled = 0;
    driver.call(SystemCall::wait, {0});
    Read read = read_all(driver, 100);
    CHECK(read.lost == 0);
    CHECK(read.has(TraceKind::send, uint64_t{1} << 32));
    CHECK(read.has(TraceKind::send, uint64_t{2} << 32));
    CHECK(read.has(TraceKind::receive, uint64_t{1} << 32));
    CHECK_FALSE(read.has(TraceKind::receive, uint64_t{2} << 32));
}

TEST_CASE("events that are older than the clock's offset are told in the aligned clock, too") {
    platform::Arena arena{32 * mib};
    arena.pokes[0] = 0;
    Driver driver{arena, 0, mib, 30 * mib};
    driver.machine.time = 1000;
    REQUIRE(driver.boot().ok());
    REQUIRE(driver.invoke(well_known::kernel, KernelOperation::set_clock_offset, {500}).error == Error::none);
    Read read = read_all(driver, 1);
    REQUIRE(read.events.size() == 1);
    CHECK(read.events[0].kind() == static_cast<uint64_t>(TraceKind::switch_to));
    CHECK(read.events[0].time() == 1500);
}

TEST_CASE("a poke says which message it is for") {
    platform::Arena arena{32 * mib};
    Driver driver{arena, 0, mib, 30 * mib};
    REQUIRE(driver.boot().ok());
    uint64_t key = message_key(7, 3, trace_ring_id(0, 1, 2));
    REQUIRE(driver.invoke(well_known::self_notify, NotifyOperation::poke, {key}).error == Error::none);
    Read read = read_all(driver, 100);
    CHECK(read.has(TraceKind::poke_sent, 0));
    CHECK(read.has(TraceKind::poke_message, key));
}

TEST_CASE("what is overwritten is counted as lost") {
    platform::Arena arena{32 * mib};
    Driver driver{arena, 0, mib, 30 * mib};
    REQUIRE(driver.boot().ok());
    for (int i = 0; i < 1500; i++) driver.invoke(well_known::self_notify, NotifyOperation::poke);
    Read read = read_all(driver, 8);
    // 1 switch, then two events a poke: its system call and the poke; and one for the first reading.
    CHECK(read.lost == 1 + 2 * 1500 + 1 - 1024);
    CHECK(read.has(TraceKind::poke_sent, 0));
}
