// The members are interrupted: each one's CPU driver drops a page from its TLB and answers in a line of that member's
// memory. Nobody else does anything; the members' programs are in their poll loops.
#include "platform/user/context.hpp"
#include "platform/user/mark.hpp"
#include "usr/bench/shootdown/marks.hpp"
#include "usr/bench/shootdown/team.hpp"
#include "usr/runtime/batch.hpp"

namespace skerry::bench::shootdown {

// All are asked before the first answer is waited for.
Status Team::ask_all() {
    runtime::FlushBatch batch;
    for (uint16_t i = 1; i < size_; ++i) {
        Partner& partner = *partners_[i];
        partner.shared->line.ask(partner.address);
        SKERRY_CHECK(batch.add(runtime::FlushCap{partner.flush.ref()}));
    }
    SKERRY_CHECK(batch.send());
    for (uint16_t i = 1; i < size_; ++i) {
        capabilities::FlushLine& line = partners_[i]->shared->line;
        SKERRY_CHECK(seat_.wait_for(line.answer, line.request.load(std::memory_order_relaxed)));
    }
    return {};
}

Status Team::run_interrupts(uint32_t warm_up, uint32_t operations, Samples& samples) {
    samples.clear();
    platform::mark<platform::Mark::series>();
    for (uint32_t i = 0; i < warm_up + operations; ++i) {
        bool counts = i >= warm_up;
        if (counts) platform::mark<platform::Mark::begin>(), skerry_shootdown_begin();
        uint64_t before = platform::read_cycle_counter();
        Status done = ask_all();
        uint64_t after = platform::read_cycle_counter();
        if (counts) skerry_shootdown_end(), platform::mark<platform::Mark::end>();
        if (!done.ok()) return done;
        if (counts) samples.add(after - before);
    }
    return {};
}

Status Team::measure_interrupts(const group::Plan& plan, uint32_t warm_up, uint32_t operations, Samples& samples,
                                Measured& measured) {
    runtime::SlotAllocator& slots = session_.loop.program().slots;
    for (const group::Edge& edge : plan.edges) {
        Partner& partner = this->partner(edge.member);
        partner.shared = reinterpret_cast<Interrupted*>(seat_.of(edge.up_at));
        auto offered = SKERRY_TRY(ask(partner, OfferFlush{}));
        partner.flush = runtime::Owned(runtime::CapRef{offered.flush.slot}, slots);
        partner.address = offered.address;
        auto resting = ask(partner, Rest{size_ > Partner::kept_open});
        if (!resting.ok()) return resting.error();
    }
    Status done = run_interrupts(warm_up, operations, samples);
    // Also after a failure: they would wait for a long time.
    for (uint16_t i = 1; i < size_; ++i) {
        Partner& partner = *partners_[i];
        partner.shared->over.store(1, std::memory_order_release);
        measured.counted[0].lines_to[i] = static_cast<uint32_t>(partner.shared->line.request.load());
        measured.counted[i].lines_to[0] = static_cast<uint32_t>(partner.shared->line.answer.load());
        measured.lines += measured.counted[0].lines_to[i] + measured.counted[i].lines_to[0];
        measured.interrupts += measured.counted[0].lines_to[i];
        partner.flush.reset();
    }
    measured.operations = warm_up + operations;
    if (done.ok() && measured.lines % measured.operations != 0) done = Error::corrupt;
    return done;
}

}  // namespace skerry::bench::shootdown
