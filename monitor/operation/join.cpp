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

constexpr uint32_t fewest_probes = 3, most_probes = 64;
constexpr uint64_t test_sleep = 1'000'000;  // ns
constexpr uint32_t most_tests = 3;          // a core that lost its turn for long is not one whose timer is wrong

// Exchanges until one was quick enough. On a machine that is virtual any core may lose its turn in the middle of one.
Task<Result<ClockEstimate>> compare_clocks(FramePool&, Monitor& m, Peer& starter) {
    ClockEstimate estimate;
    for (uint32_t i = 0; i < most_probes && (i < fewest_probes || !estimate.good()); ++i) {
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

// Adds to our clock what it lacks; it has had an offset since it began (BootRecord::clock_start)
// that leaves it behind, so what an exchange says else is its error. -> by how much the other's is ahead now.
int64_t set_clock(Monitor& m, int64_t lacks) {
    if (lacks <= 0) return lacks;
    int64_t offset = m.self.dispatcher.page().clock_offset + lacks;
    return runtime::KernelCap{}.set_clock_offset(offset).ok() ? 0 : lacks;
}

// A real sleep, after which both clocks must stand to each other as before: `ahead` ns, give or take `error`.
Task<Result<bool>> test_timer(FramePool& pool, Monitor& m, Peer& starter, int64_t ahead, uint64_t error) {
    uint64_t start = m.now();
    auto wait = m.loop.timers().sleep(start + test_sleep);
    co_await wait;
    uint64_t slept = m.now() - start;
    auto comparing = compare_clocks(pool, m, starter);
    auto after = co_await comparing;
    if (!after.ok()) co_return after.error();
    uint64_t passed = m.now() - start;
    uint64_t theirs = passed + static_cast<uint64_t>(after->offset() - ahead);
    co_return slept >= test_sleep&& plausible_sleep(test_sleep, passed, theirs, error + after->error());
}

}  // namespace

Task<Status> join(FramePool& pool, Monitor& m, Peer& starter) {
    auto notify = words_of(capabilities::well_known::self_notify);
    if (!notify.ok()) co_return notify.error();
    intermonitor::Join greeting{
        .core = m.core, .hardware = m.hardware, .kernel_base = m.kernel_base, .notify = notify.value()};
    auto greet = starter.link.call(greeting);
    auto welcome = co_await greet;
    if (!welcome.ok()) co_return welcome.error();
    m.core_count = welcome->core_count;
    m.directory = welcome->directory;
    m.node = welcome->node;
    starter.core = welcome->directory;  // only the directory starts cores

    auto comparing = compare_clocks(pool, m, starter);
    auto estimate = co_await comparing;
    if (!estimate.ok()) co_return estimate.error();
    int64_t ahead = set_clock(m, estimate->offset());
    m.self.trace.set_clock_error(estimate->error());
    m.started_at = m.now();
    Result<bool> tested{false};
    for (uint32_t i = 0; i < most_tests && tested.ok() && !tested.value(); ++i) {
        auto testing = test_timer(pool, m, starter, ahead, estimate->error());
        tested = co_await testing;
    }
    if (!tested.ok()) co_return tested.error();
    // A lack that could not be added is no agreement either.
    m.timer_ok = tested.value() && ahead <= 0 && not_ahead(ahead, estimate->error());
    Status added = m.peers.add(starter);
    if (!added.ok()) co_return added;
    intermonitor::Online news{.core = m.core,
                              .timer_ok = m.timer_ok,
                              .clock_offset_ns = estimate->offset(),
                              .clock_error_ns = estimate->error()};
    auto sending = starter.link.send(news);
    Status sent = co_await sending;
    co_return sent;
}

}  // namespace skerry::monitor
