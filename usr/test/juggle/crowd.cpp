#include "usr/test/juggle/crowd.hpp"

#include "usr/test/juggle/hand.hpp"

namespace skerry::usr::test::juggle {

namespace monitor = urpc::monitor;

Status Crowd::some(uint64_t seed, uint32_t steps) {
    auto& leader = *new (platform::static_storage<Leader>()) Leader(session_, hands_, seed);
    Status done = leader.start();
    if (done.ok()) done = leader.run(steps);
    if (done.ok()) done = seed % 2 == 0 ? leader.stop() : leader.kill();
    if (!done.ok()) {
        leader.tell_ends();
        text_ << "seed " << seed << ": " << leader.text();
    }
    leader.~Leader();
    done_ += hands_;
    return done;
}

Status Crowd::look(Memory& memory) {
    memory = {};
    for (uint32_t core = 0; core < hands_; ++core) {
        uint32_t regions = 1;
        for (uint32_t i = 0; i < regions && i < regions_maximum; ++i) {
            auto region = SKERRY_TRY(session_.monitor.ask(monitor::MemoryStatistics{base::CoreId{core}, i}));
            regions = region.regions;
            memory[core][i] = {region.base, region.size, region.free, region.largest_free, region.blocks, region.shape};
        }
    }
    return {};
}

// Bytes that no program has, and what monitors keep for themselves.
Result<uint64_t> Crowd::unused() {
    auto totals = SKERRY_TRY(session_.monitor.ask(monitor::MachineTotals{}));
    return totals.free + totals.kept;
}

// Services that start behind the prompt take memory, too: until nothing has changed for a while.
Result<uint64_t> Crowd::unused_at_rest() {
    constexpr uint64_t pause = 50'000'000, a_while = 1'000'000'000;
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    uint64_t last = SKERRY_TRY(unused()), since = dispatcher.now(), deadline = since + patience;
    while (dispatcher.now() - since < a_while && dispatcher.now() < deadline) {
        dispatcher.sleep_until(dispatcher.now() + pause);
        uint64_t next = SKERRY_TRY(unused());
        if (next != last) since = dispatcher.now();
        last = next;
    }
    return last;
}

Status Crowd::wait_for_bytes(uint64_t wanted) {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    uint64_t deadline = dispatcher.now() + patience;
    for (;;) {
        uint64_t found = SKERRY_TRY(unused());
        if (found == wanted) return {};
        if (dispatcher.now() > deadline) {
            text_ << "unused or kept: " << found << " of " << wanted << " bytes at boot. ";
            return Error::corrupt;
        }
        dispatcher.sleep_until(dispatcher.now() + 10'000'000);
    }
}

// What has ended is cleared up a while later.
Status Crowd::wait_for(const Memory& wanted) {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    uint64_t deadline = dispatcher.now() + patience;
    Memory memory;
    for (;;) {
        SKERRY_CHECK(look(memory));
        if (memory == wanted) return {};
        if (dispatcher.now() > deadline) break;
        dispatcher.sleep_until(dispatcher.now() + 10'000'000);
    }
    for (uint32_t core = 0; core < hands_; ++core) {
        for (uint32_t i = 0; i < regions_maximum; ++i) {
            const Region& now = memory[core][i];
            const Region& before = wanted[core][i];
            if (now == before) continue;
            text_ << "core " << core << " region " << i << ": free " << now.free << " of " << before.free
                  << ", largest " << now.largest_free << " of " << before.largest_free << ", blocks " << now.blocks
                  << " of " << before.blocks << ". ";
        }
    }
    return Error::corrupt;
}

Status Crowd::run(uint32_t programs) {
    constexpr uint32_t steps = 4;
    uint64_t at_first = SKERRY_TRY(unused_at_rest());
    // What monitors keep once they have had so many channels, they keep: the list differs by it, the sum with it does not.
    for (uint64_t seed = 0; seed < 4; ++seed) SKERRY_CHECK(some(seed, steps));
    Memory before;
    SKERRY_CHECK(look(before));
    for (uint64_t seed = 4; done_ < programs; ++seed) SKERRY_CHECK(some(seed, steps));
    SKERRY_CHECK(wait_for(before));
    return wait_for_bytes(at_first);
}

}  // namespace skerry::usr::test::juggle
