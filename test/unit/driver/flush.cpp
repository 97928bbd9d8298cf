// Shootdown by the driver alone: a requester on core a, a dispatcher of core b whose page is invalidated.
#include "test/unit/driver/shootdown.hpp"

using namespace skerry;
using namespace skerry::test;
using namespace skerry::test::shootdown;

TEST_CASE("a page is invalidated on another core and the requester finds the answer in the line", "[flush]") {
    Shootdown world;
    world.connect();
    for (uint64_t round = 1; round < 5; round++) {
        world.request(page + round);
        CHECK(world.a.machine.poked == std::vector<uint64_t>(round, 11));
        CHECK_FALSE(world.line->answered());
        CHECK(world.b.machine.page_flushes == round - 1);
        uint64_t upcalls = world.b.page().upcalls;
        world.b.core.poke_interrupt();
        CHECK(world.line->answered());
        CHECK(world.b.machine.page_flushes == round);
        CHECK(world.b.machine.flushed_page == page);
        CHECK(world.b.page().upcalls == upcalls);  // nobody was woken
    }
    CHECK(world.a.machine.page_flushes == 0);
}

TEST_CASE("requests before the interrupt is taken make one answer", "[flush]") {
    Shootdown world;
    world.connect();
    world.request(page);
    world.request(page);
    world.b.core.poke_interrupt();
    CHECK(world.line->answered());
    CHECK(world.b.machine.page_flushes == 1);
    world.b.core.poke_interrupt();
    CHECK(world.b.machine.page_flushes == 1);
}

TEST_CASE("a core that idles still has the last space loaded", "[flush]") {
    Shootdown world;
    world.connect();
    world.b.page().disabled = 0;
    world.b.call(SystemCall::wait, {0});
    REQUIRE(world.b.last_exit == Exit::idle);
    world.request(page);
    CHECK(world.b.core.poke_interrupt() == Exit::idle);
    CHECK(world.line->answered());
    CHECK(world.b.machine.page_flushes == 1);
}

TEST_CASE("a space that is not loaded has nothing to invalidate, but is answered", "[flush]") {
    Shootdown world;
    REQUIRE(world.b.retype(slot(2), ram, Type::dispatcher, 4096, 4096) == Error::none);
    REQUIRE(world.make(slot(2)) == Error::none);
    REQUIRE(world.create(world.b.identify(flush)) == Error::none);
    world.request(page);
    world.b.core.poke_interrupt();
    CHECK(world.line->answered());
    CHECK(world.b.machine.page_flushes == 0);
}

TEST_CASE("whatever a requester writes into the line harms nobody", "[flush]") {
    Shootdown world;
    world.connect();
    for (uint64_t address : {platform::user_end, ~uint64_t{0}, uint64_t{0xffff'8000'0000'0000}}) {
        world.request(address);
        world.b.core.poke_interrupt();
        CHECK(world.line->answered());
    }
    CHECK(world.b.machine.page_flushes == 0);
    world.line->request = ~uint64_t{0};
    world.line->answer = 17;
    world.request(platform::user_end - 1);
    world.b.core.poke_interrupt();
    CHECK(world.line->answered());
    CHECK(world.b.machine.page_flushes == 1);
    world.b.machine.poke_words(1)[7] = ~uint64_t{0};  // bits of lines that nobody made
    world.b.core.poke_interrupt();
    CHECK(world.b.machine.page_flushes == 1);  // and one that was answered already
}

TEST_CASE("the line is not touched once frame, dispatcher or capability are gone", "[flush]") {
    Shootdown world;
    Driver& b = world.b;
    REQUIRE(b.retype(slot(2), ram, Type::dispatcher, 4096, 4096) == Error::none);
    REQUIRE(world.make(slot(2)) == Error::none);
    REQUIRE(world.create(b.identify(flush)) == Error::none);
    world.request(page);
    SECTION("frame revoked and deleted") {
        REQUIRE(b.invoke(well_known::root_cnode, CNodeOperation::revoke, {frame.word}).error == Error::none);
        world.gone(frame);
        CHECK(b.core.capabilities().tree().count(Type::frame) == 3);  // own page twice, archive
        REQUIRE(b.retype(frame, ram, Type::frame, 8192, 4096) == Error::none);
        CHECK(world.make(slot(2), slot(5)) == Error::none);
    }
    SECTION("dispatcher deleted") {
        world.gone(slot(2));
    }
    SECTION("capability deleted, and made again elsewhere") {
        world.gone(flush);
        REQUIRE(b.retype(slot(3), ram, Type::frame, 8192, 4096) == Error::none);
        CHECK(world.make(slot(2), flush, slot(3), 0) == Error::none);
        CHECK(b.identify(flush).base != world.a.identify(flush).base);  // stale ones reach nobody
    }
    uint64_t before = world.line->answer;
    b.core.poke_interrupt();
    CHECK(world.line->answer == before);
    world.request(page);
    b.core.poke_interrupt();
    CHECK(world.line->answer == before);
    CHECK_FALSE(world.line->answered());
}

TEST_CASE("on the own core the driver answers at once", "[flush]") {
    Shootdown world;
    REQUIRE(world.make() == Error::none);
    world.line->ask(page);
    CHECK(world.b.invoke(flush, FlushOperation::request).error == Error::none);
    CHECK(world.line->answered());
    CHECK(world.b.machine.page_flushes == 1);
    CHECK(world.b.machine.poked.empty());
}

TEST_CASE("wrong uses of Flush capabilities are refused and change nothing", "[flush]") {
    Shootdown world;
    Driver& b = world.b;
    auto mint = [&](CapRef to, CapRef from, Rights rights) {
        REQUIRE(b.invoke(well_known::root_cnode, CNodeOperation::mint,
                         {to.word, from.word, static_cast<uint64_t>(rights), 0})
                    .error == Error::none);
    };
    mint(slot(5), frame, Rights::read);
    mint(slot(6), well_known::dispatcher, Rights::read);
    CHECK(world.make(well_known::dispatcher, flush, slot(5)) == Error::no_right);
    CHECK(world.make(slot(6)) == Error::no_right);
    CHECK(world.make(well_known::dispatcher, flush, ram) == Error::wrong_type);
    CHECK(world.make(well_known::dispatcher, frame) == Error::slot_occupied);
    CHECK(world.make(well_known::dispatcher, flush, frame, 8) == Error::misaligned);
    CHECK(world.make(well_known::dispatcher, flush, frame, 4096) == Error::out_of_range);
    CHECK(world.make(well_known::dispatcher, flush, frame, ~uint64_t{63}) == Error::out_of_range);
    CHECK(world.make(well_known::dispatcher, flush, well_known::archive, 0) != Error::none);
    CHECK(b.identify(flush).empty());
    CHECK(b.core.capabilities().tree().count(Type::frame) == 5);  // no copy was kept

    CHECK(world.make() == Error::none);
    CHECK(world.make(well_known::dispatcher, slot(7)) == Error::busy);
    mint(slot(8), flush, Rights::all & ~Rights::send);
    CHECK(b.invoke(slot(8), FlushOperation::request).error == Error::no_right);
    CHECK(b.invoke(flush, static_cast<FlushOperation>(1)).error == Error::unsupported);

    Capability good = b.identify(flush), bad = good;
    bad.base = uint64_t{1} << 32 | cpudriver::flushes_per_core;
    CHECK(world.create(bad) == Error::out_of_range);
    bad = good, bad.base = uint64_t{cpudriver::cores_maximum} << 32;
    CHECK(world.create(bad) == Error::out_of_range);
    bad = good, bad.extra = platform::Machine::hardware_ids;
    CHECK(world.create(bad) == Error::out_of_range);
    bad = good, bad.size = 2;
    CHECK(world.create(bad) == Error::out_of_range);
    bad = good, bad.rights = Rights::control;
    CHECK(world.create(bad) == Error::no_right);
    CHECK(world.create(good) == Error::none);
}

namespace {

// A page of b's first program, under tables of its own: entry 100 of the root, 1, 2, 3.
struct Mapped : Shootdown {
    static constexpr uint64_t address = uint64_t{100} << 39 | uint64_t{1} << 30 | uint64_t{2} << 21 | uint64_t{3} << 12;
    static constexpr uint64_t read_write = map_flags::read | map_flags::write;
    const CapRef memory = slot(10), other = slot(11), leaf = slot(14), mapping = slot(20);

    Mapped() {
        connect();
        REQUIRE(b.retype(memory, ram, Type::frame, 8192, 4096) == Error::none);
        REQUIRE(b.retype(other, ram, Type::frame, 12288, 4096) == Error::none);
        CapRef above = well_known::vspace_root;
        const uint64_t index[] = {100, 1, 2};
        for (uint32_t i = 0; i < 3; ++i) {
            REQUIRE(b.retype(slot(12 + i), ram, Type::vnode, 16384 + i * 4096, 4096, 3 - i) == Error::none);
            REQUIRE(map(above, index[i], slot(12 + i), slot(16 + i), read_write) == Error::none);
            above = slot(12 + i);
        }
        REQUIRE(map(leaf, 3, memory, mapping, read_write) == Error::none);
    }
    Error map(CapRef table, uint64_t index, CapRef what, CapRef to, uint64_t flags) {
        return b.invoke(table, VNodeOperation::map, {index, what.word, to.word, flags, 0, 1}).error;
    }
    Error protect(CapRef what, uint64_t flags) { return b.invoke(what, MappingOperation::protect, {flags}).error; }
    uint64_t entry() {
        uint64_t value;
        std::memcpy(&value, b.memory(b.identify(leaf).base) + 3 * 8, 8);
        return value;
    }
    void request(uint64_t at, PageChange change) {
        line->ask(at, change);
        REQUIRE(a.invoke(flush, FlushOperation::request).error == Error::none);
        b.core.poke_interrupt();
        REQUIRE(line->answered());
    }
};
using platform::PageTable;

}  // namespace

TEST_CASE("a line takes rights from a page, or the page itself, and the page is invalidated", "[flush]") {
    Mapped world;
    uint64_t whole = world.entry();
    REQUIRE(PageTable::present(whole));
    world.request(world.address + 5, PageChange::keep);
    CHECK(world.entry() == whole);
    world.request(world.address + 5, PageChange::narrow);
    CHECK(world.entry() == PageTable::with_rights(whole, map_flags::read));
    CHECK(world.b.machine.flushed_page == world.address);
    CHECK(world.protect(world.mapping, world.read_write) == Error::none);
    CHECK(world.entry() == whole);
    world.request(world.address, PageChange::clear);
    CHECK_FALSE(PageTable::present(world.entry()));
    CHECK(world.b.machine.page_flushes == 3);
    world.request(world.address, PageChange::clear);  // there is nothing any more
    CHECK(world.b.machine.page_flushes == 4);
}

TEST_CASE("a Mapping whose page a line took away touches what has come in its place no more", "[flush]") {
    Mapped world;
    world.request(world.address, PageChange::clear);
    CHECK(world.protect(world.mapping, world.read_write) == Error::closed);
    CHECK_FALSE(PageTable::present(world.entry()));
    const CapRef second = slot(21);
    REQUIRE(world.map(world.leaf, 3, world.other, second, map_flags::read) == Error::none);
    uint64_t narrow = world.entry();
    CHECK(world.protect(world.mapping, world.read_write) == Error::closed);
    CHECK(world.entry() == narrow);
    world.gone(world.mapping);
    CHECK(world.entry() == narrow);
    world.gone(second);
    CHECK_FALSE(PageTable::present(world.entry()));
}

TEST_CASE("a line changes nothing where no page is mapped, or what it asks for is nonsense", "[flush]") {
    Mapped world;
    uint64_t whole = world.entry();
    for (uint64_t at : {uint64_t{101} << 39, world.address + (uint64_t{1} << 30), world.address + (uint64_t{1} << 21),
                        world.address + 4096, platform::user_end}) {
        world.request(at, PageChange::clear);
    }
    CHECK(world.entry() == whole);
    world.request(world.address, static_cast<PageChange>(77));
    CHECK(world.entry() == whole);
}

TEST_CASE("a poke of any kind finds requests in all lines of its core", "[flush]") {
    Shootdown world;
    world.connect();
    Driver& b = world.b;
    REQUIRE(b.retype(slot(2), ram, Type::dispatcher, 4096, 4096) == Error::none);
    REQUIRE(b.retype(slot(3), ram, Type::frame, 8192, 4096) == Error::none);
    REQUIRE(world.make(slot(2), slot(4), slot(3), 0) == Error::none);
    auto& other = *reinterpret_cast<FlushLine*>(b.memory(b.identify(slot(3)).base));
    world.line->ask(page);
    other.ask(page);
    b.core.poke_interrupt();
    CHECK(world.line->answered());
    CHECK(other.answered());
    // One that is gone is not looked at.
    world.gone(slot(2));
    other.ask(page);
    b.core.poke_interrupt();
    CHECK_FALSE(other.answered());
}
