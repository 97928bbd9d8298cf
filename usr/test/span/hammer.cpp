// Never a stale translation: the others read and write one page without end; again and again it is unmapped, its memory is
// at once used for something else, and the page shows other memory. What was written before the unmap returned may lie
// in the old memory; nothing may come there afterwards, and nobody may read what it holds now.
#include "usr/test/span/checks.hpp"

namespace skerry::usr::test::span_checks {

namespace {

constexpr uint32_t hot = 5, cold = 6;  // pages of the window
constexpr uint32_t first_memory = 4, memories = 8;
constexpr uint64_t longest_wait = 50'000'000;  // ns
constexpr uint64_t poison = 0x5a5a'0000'0000'0000;
constexpr uint32_t words = base::page_size / sizeof(uint64_t);

constinit std::atomic<bool> over{false};
struct alignas(64) Tally {
    std::atomic<uint64_t> accesses{0}, stale{0};
};
constinit std::array<Tally, span::members_maximum> tallies{};

volatile uint64_t* page(uint32_t number) {
    return reinterpret_cast<volatile uint64_t*>(Span::at(number));
}

// Each member has words of its own; what it reads there is what somebody wrote into this page as long as it was this page.
void hammer(Span&, uint32_t member, void*) {
    Tally& tally = tallies[member];
    volatile uint64_t* at = page(hot);
    for (uint64_t i = 0; !over.load(std::memory_order_relaxed); ++i) {
        if (at[member] >= poison) tally.stale.fetch_add(1, std::memory_order_relaxed);
        at[member] = i;
        tally.accesses.store(i, std::memory_order_relaxed);
        platform::pause();
    }
}

struct Outcome {
    uint64_t written_late = 0, touched = 0, failed = 0;
};

// The page has been unmapped: its memory gets another use, and after a while must hold that alone.
void reuse(World& world, uint32_t memory, uint32_t round, Outcome& outcome) {
    Span& span = world.span;
    if (!span.map(cold, memory, true).ok()) {
        ++outcome.failed;
        return;
    }
    uint64_t mark = poison + round;
    for (uint32_t i = 0; i < span.members(); ++i) page(cold)[i] = mark;
    for (uint32_t i = 0; i < 8; ++i) platform::pause();  // the others have their turns
    for (uint32_t i = 0; i < span.members(); ++i) outcome.written_late += page(cold)[i] != mark;
    for (uint32_t i = 0; i < words; ++i) page(cold)[i] = 0;  // clean for its next turn as the hot page
    if (!span.unmap(cold).ok()) ++outcome.failed;
}

// Nobody writes to the page from now on.
void narrow(World& world, Outcome& outcome) {
    if (!world.span.protect(hot, Touch::waits).ok()) ++outcome.failed;
    std::array<uint64_t, span::members_maximum> before{};
    for (uint32_t i = 1; i < world.span.members(); ++i) before[i] = page(hot)[i];
    for (uint32_t i = 0; i < 8; ++i) platform::pause();
    for (uint32_t i = 1; i < world.span.members(); ++i) outcome.written_late += page(hot)[i] != before[i];
}

void one_round(World& world, uint32_t round, Outcome& outcome) {
    Span& span = world.span;
    uint32_t memory = first_memory + round % memories;
    if (!span.map(hot, memory, true).ok()) ++outcome.failed;
    (void)page(hot)[0];
    // Until each has it, or has had time enough: who has not is not asked.
    uint64_t patience = world.self.dispatcher.now() + longest_wait;
    while (world.self.dispatcher.now() < patience) {
        uint32_t have = 0;
        for (uint32_t i = 1; i < span.members(); ++i) have += span.touched(hot, i);
        if (have + 1 == span.members()) break;
        platform::pause();
    }
    for (uint32_t i = 1; i < span.members(); ++i) outcome.touched += span.touched(hot, i);
    if (round % 3 == 1) narrow(world, outcome);
    if (round % 4 == 3) {
        auto ticket = span.unmap_deferred(hot, Touch::waits);
        if (ticket.ok()) span.finish(*ticket);
        outcome.failed += !ticket.ok();
    } else if (!span.unmap(hot, Touch::waits).ok()) {
        ++outcome.failed;
    }
    reuse(world, memory, round, outcome);
}

}  // namespace

void check_hammer(World& world, uint32_t rounds) {
    Span& span = world.span;
    bool ready = span.map(hot, first_memory, true).ok() && span.unmap(hot, Touch::waits).ok();
    world.report.check("hammer: begins", ready && run_all(world, &hammer, nullptr).ok());
    Outcome outcome;
    for (uint32_t round = 0; round < rounds; ++round) {
        span.set_way(round % 2 == 0 ? Way::drivers : Way::dispatchers);
        one_round(world, round, outcome);
    }
    over.store(true);
    if (!span.map(hot, first_memory, true).ok()) ++outcome.failed;
    world.report.equal("hammer: ends", wait_all(world).error(), Error::none);
    uint64_t stale = 0, accesses = 0;
    for (const Tally& tally : tallies) stale += tally.stale.load(), accesses += tally.accesses.load();
    base::Buffer<120> text;
    text << rounds << " rounds, " << outcome.touched << " translations taken away";
    world.report.note(text.view());
    world.report.check("hammer: all went well", outcome.failed == 0);
    world.report.check("hammer: the others were at it", accesses > 0 && outcome.touched >= rounds / 4);
    world.report.check("hammer: nobody read what was not the page's", stale == 0);
    world.report.check("hammer: nobody wrote to what was not the page's", outcome.written_late == 0);
}

}  // namespace skerry::usr::test::span_checks
