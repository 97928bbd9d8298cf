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
    // What monitors keep once they have had so many channels, they keep.
    for (uint64_t seed = 0; seed < 4; ++seed) SKERRY_CHECK(some(seed, steps));
    done_ = 0;
    Memory before;
    SKERRY_CHECK(look(before));
    for (uint64_t seed = 4; done_ < programs; ++seed) SKERRY_CHECK(some(seed, steps));
    return wait_for(before);
}

}  // namespace skerry::usr::test::juggle
