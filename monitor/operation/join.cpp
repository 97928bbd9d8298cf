#include "monitor/operation/join.hpp"

#include "monitor/clock_estimate.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;

namespace {

constexpr uint32_t probes = 8;
constexpr uint64_t test_sleep = 1'000'000;          // ns
constexpr int64_t negligible_advance = 1'000'000;   // ns that our clock may stay ahead: it cannot be set back

Task<Result<ClockEstimate>> compare_clocks(FramePool&, Monitor& m, Peer& starter, uint32_t count) {
    ClockEstimate estimate;
    for (uint32_t i = 0; i < count; ++i) {
        uint64_t sent = m.now();
        intermonitor::ClockProbe probe{sent};
        auto call = starter.link.call(probe);
        auto echo = co_await call;
        if (!echo.ok()) co_return echo.error();
        estimate.add(sent, echo->t2, echo->t3, m.now());
    }
    if (!estimate.valid()) co_return Error::corrupt;
    co_return estimate;
}

// Adds to our clock what it lacks. -> whether both agree now.
bool set_clock(const ClockEstimate& estimate) {
    if (estimate.offset() <= 0) return estimate.offset() >= -negligible_advance;
    return runtime::KernelCap{}.set_clock_offset(estimate.offset()).ok();
}

// A real sleep, timed by both.
Task<Result<bool>> test_timer(FramePool& pool, Monitor& m, Peer& starter) {
    auto comparing = compare_clocks(pool, m, starter, probes);
    auto before = co_await comparing;
    if (!before.ok()) co_return before.error();
    uint64_t start = m.now();
    auto wait = m.loop.timers().sleep(start + test_sleep);
    co_await wait;
    uint64_t slept = m.now() - start;
    auto comparing_again = compare_clocks(pool, m, starter, probes);
    auto after = co_await comparing_again;
    if (!after.ok()) co_return after.error();
    uint64_t passed = m.now() - start;
    auto theirs = passed + static_cast<uint64_t>(after->offset() - before->offset());
    uint64_t error = before->error() + after->error();
    co_return slept >= test_sleep && plausible_sleep(test_sleep, passed, theirs, error);
}

}  // namespace

Task<Status> join(FramePool& pool, Monitor& m, Peer& starter) {
    auto notify = words_of(capabilities::well_known::self_notify);
    if (!notify.ok()) co_return notify.error();
    intermonitor::Join greeting{.core = m.core, .hardware = m.hardware, .kernel_base = m.kernel_base,
                                .notify = notify.value()};
    auto greet = starter.link.call(greeting);
    auto welcome = co_await greet;
    if (!welcome.ok()) co_return welcome.error();
    m.core_count = welcome->core_count;
    m.directory = welcome->directory;
    m.node = welcome->node;
    starter.core = welcome->directory;  // only the directory starts cores

    auto comparing = compare_clocks(pool, m, starter, probes);
    auto estimate = co_await comparing;
    if (!estimate.ok()) co_return estimate.error();
    bool aligned = set_clock(estimate.value());
    m.started_at = m.now();
    auto testing = test_timer(pool, m, starter);
    auto tested = co_await testing;
    if (!tested.ok()) co_return tested.error();
    m.timer_ok = aligned && tested.value();
    Status added = m.peers.add(starter);
    if (!added.ok()) co_return added;
    intermonitor::Online news{.core = m.core, .timer_ok = m.timer_ok,
                              .clock_offset_ns = estimate->offset(), .clock_error_ns = estimate->error()};
    auto sending = starter.link.send(news);
    Status sent = co_await sending;
    co_return sent;
}

}  // namespace skerry::monitor
