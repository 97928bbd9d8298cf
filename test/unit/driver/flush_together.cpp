// Requests for several lines in one system call, and the short way of the interrupt.
#include "test/unit/driver/shootdown.hpp"

using namespace skerry;
using namespace skerry::test;
using namespace skerry::test::shootdown;

TEST_CASE("several are asked at once, other cores first and this one, too", "[flush]") {
    Shootdown world;
    world.connect();
    const CapRef own_frame = slot(5), own = slot(6), weak = slot(7);
    REQUIRE(world.a.retype(own_frame, ram, Type::frame, 0, 4096) == Error::none);
    REQUIRE(
        world.a.invoke(well_known::dispatcher, DispatcherOperation::make_flush, {own.word, own_frame.word, 0}).error ==
        Error::none);
    auto& own_line = *reinterpret_cast<FlushLine*>(world.a.memory(world.a.identify(own_frame).base));
    own_line.ask(page);
    world.line->ask(page);
    // Nobody is told when one of them cannot be.
    CHECK(world.a.invoke(own, FlushOperation::request, {flush.word, slot(40).word}).error == Error::no_capability);
    CHECK(world.a.invoke(own, FlushOperation::request, {flush.word, own_frame.word}).error == Error::wrong_type);
    REQUIRE(world.a.invoke(well_known::root_cnode, CNodeOperation::mint, {weak.word, flush.word, 0, 0}).error ==
            Error::none);
    CHECK(world.a.invoke(own, FlushOperation::request, {flush.word, weak.word}).error == Error::no_right);
    uint64_t both = flush.word | weak.word << 32;
    CHECK(world.a.invoke(own, FlushOperation::request, {flush.word, both}).error == Error::no_right);
    CHECK(world.a.invoke(own, FlushOperation::request, {~uint64_t{0}}).error == Error::no_capability);
    CHECK(world.a.machine.poked.empty());
    CHECK_FALSE(own_line.answered());

    REQUIRE(world.a.invoke(own, FlushOperation::request, {flush.word}).error == Error::none);
    CHECK(world.a.machine.poked == std::vector<uint64_t>{11});
    CHECK(own_line.answered());
    CHECK_FALSE(world.line->answered());
    world.b.core.poke_interrupt();
    CHECK(world.line->answered());
}

TEST_CASE("references go two in a word", "[flush]") {
    Shootdown world;
    world.connect();
    uint64_t twice = flush.word | flush.word << 32;
    REQUIRE(world.a.invoke(flush, FlushOperation::request, {twice, flush.word << 32, twice, 0, twice}).error ==
            Error::none);
    CHECK(world.a.machine.poked.size() == 6);  // each that was named before the empty word
    REQUIRE(world.a.invoke(flush, FlushOperation::request, {twice, twice, twice, twice, twice, twice}).error ==
            Error::none);
    CHECK(world.a.machine.poked.size() == 6 + 13);
}

TEST_CASE("references that are asked together may lie in different CNodes", "[flush]") {
    Shootdown world;
    world.connect();
    Driver& a = world.a;
    // A CNode of 16 slots beside the first; what lies behind its end is nobody's.
    constexpr uint32_t upper = 40;
    REQUIRE(a.retype(CapRef::root_slot(upper), ram, Type::cnode, 64 * 1024, 16 * slot_size) == Error::none);
    const CapRef there{upper, 3}, weak{upper, 4};
    REQUIRE(a.copy(there, flush) == Error::none);
    REQUIRE(a.invoke(well_known::root_cnode, CNodeOperation::mint, {weak.word, flush.word, 0, 0}).error == Error::none);
    auto ask = [&](CapRef one, CapRef two, CapRef three) {
        return a.invoke(flush, FlushOperation::request, {one.word | two.word << 32, three.word}).error;
    };
    CHECK(ask(flush, there, flush) == Error::none);
    CHECK(ask(there, flush, there) == Error::none);
    CHECK(a.machine.poked.size() == 8);
    CHECK(ask(there, weak, there) == Error::no_right);
    CHECK(ask(flush, there, CapRef{upper, 16}) == Error::no_capability);
    CHECK(ask(there, flush, CapRef{upper + 1, 3}) == Error::no_capability);
    CHECK(a.machine.poked.size() == 8);
}

TEST_CASE("an interrupt for lines alone is told apart before anything is saved", "[flush]") {
    Shootdown world;
    world.connect();
    Driver& b = world.b;
    world.request(page);
    REQUIRE(b.core.flush_interrupt());
    CHECK(world.line->answered());
    CHECK(b.machine.page_flushes == 1);
    CHECK(b.core.statistics().interrupts == 1);

    for (uint32_t word = 7; word <= 16; word++) {  // of its eight and the neighbours'
        world.arena.pokes[word] = uint64_t{1} << word;
        world.request(page);
        bool neighbours = word == 7 || word == 16;
        CHECK(b.core.flush_interrupt() == neighbours);
        CHECK(world.line->answered() == neighbours);
        world.arena.pokes[word] = 0;
        CHECK(b.core.flush_interrupt());  // the next one finds what was left
        CHECK(world.line->answered());
    }
    b.page().disabled = 0;
    b.call(SystemCall::wait, {0});
    REQUIRE(b.last_exit == Exit::idle);
    world.request(page);
    CHECK_FALSE(b.core.flush_interrupt());  // it idles
    CHECK_FALSE(world.line->answered());
}
