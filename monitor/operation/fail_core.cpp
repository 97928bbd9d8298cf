// The directory's part: fences a core and tells the others.
#include "monitor/operation/connect.hpp"
#include "monitor/operation/decide.hpp"
#include "monitor/operation/inherit.hpp"
#include "monitor/operation/lose_core.hpp"

namespace skerry::monitor {

using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {

constexpr uint64_t after_init = 10'000'000;  // ns: as when a core is started; then it has stopped
// From the second question on. An emulated core of many may be out of turn for seconds; one that is fenced never comes back.
constexpr uint64_t silence = 60'000'000'000;  // ns
constexpr uint64_t pause = 1'000'000;         // ns, while a ring is full

// Those that have been told, or need not be, leave the set.
void tell_once(Monitor& m, CoreId lost, CoreSet& untold) {
    CoreSet rest;
    while (!untold.empty()) {
        CoreId core = untold.take();
        Peer* peer = m.peers.find(core);
        if (peer == nullptr) continue;  // lost as well
        if (peer->link.try_send(intermonitor::CoreLost{lost}).error() == Error::full) rest.add(core);
    }
    untold = rest;
}

// In the background: a ring may be full because that core is silent, too.
Task<Status> tell_the_rest(FramePool&, Monitor& m, CoreId lost, CoreSet untold) {
    while (!untold.empty()) {
        auto wait = m.loop.timers().sleep(m.now() + pause);
        co_await wait;
        tell_once(m, lost, untold);
    }
    co_return Status{};
}

Task<Status> ping(FramePool&, Monitor& m, CoreId core) {
    Peer* peer = m.peers.find(core);
    if (peer == nullptr) co_return Error::closed;
    intermonitor::Ping request{core.value};
    auto call = peer->link.call(request);
    auto pong = co_await call;
    if (pong.ok()) m.cores.cores[core.value].asked_again = false;
    m.changed.set();
    co_return pong.error();
}

Task<Status> fence_if_silent(FramePool& pool, Monitor& m, CoreId core) {
    CoreEntry& entry = m.cores.cores[core.value];
    uint64_t deadline = m.now() + silence;
    while (entry.asked_again && m.now() < deadline) {
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
    if (!std::exchange(entry.asked_again, false)) co_return Status{};
    auto failing = fail_core(pool, m, core, "fenced: its monitor was silent");
    auto failed = co_await failing;
    co_return failed.error();
}

Task<Status> fence(FramePool&, Monitor& m, CoreEntry& entry) {
    SKERRY_ASSERT(!entry.fencing);
    Status stopped = runtime::KernelControlCap{}.init(entry.hardware);
    if (!stopped.ok()) co_return stopped;
    entry.fencing = true;
    auto wait = m.loop.timers().sleep(m.now() + after_init);
    co_await wait;
    entry.fencing = false;
    co_return Status{};
}

}  // namespace

Task<Result<protocol::CoreFailed>> fail_core(FramePool& pool, Monitor& m, CoreId core, std::string_view reason) {
    if (!m.is_directory()) {
        auto asking = at_directory(pool, m, protocol::FailCore{core});
        auto answer = co_await asking;
        co_return answer;
    }
    CoreEntry* entry = m.cores.find(core);
    if (entry == nullptr) co_return Error::out_of_range;
    if (core == m.core) co_return Error::invalid_argument;
    if (entry->state != CoreState::online) co_return Error::not_found;
    if (entry->fencing) co_return Error::busy;
    auto fencing = fence(pool, m, *entry);
    Status fenced = co_await fencing;
    if (!fenced.ok()) co_return fenced.error();

    entry->state = CoreState::failed;
    entry->reason = decltype(entry->reason)::cut(reason);
    lose_core(m, core);
    m.decisions.load[core.value] = 0;
    decide_anew(m);  // rules are told that it runs no more
    CoreSet untold;
    for (uint32_t i = 0; i < m.cores.count; ++i) {
        if (i != m.core.value && m.cores.cores[i].state == CoreState::online) untold.add(CoreId{i});
    }
    expect_told(m, core, untold);
    tell_once(m, core, untold);
    while (!untold.empty() && !urpc::spawn(m.background, tell_the_rest(m.pool(), m, core, untold)).ok()) {
        auto wait = m.loop.timers().sleep(m.now() + pause);
        co_await wait;
        tell_once(m, core, untold);
    }
    co_return protocol::CoreFailed{};
}

void ask_again(Monitor& m, CoreId core) {
    CoreEntry& entry = m.cores.cores[core.value];
    if (entry.state != CoreState::online || std::exchange(entry.asked_again, true)) return;
    Status begun = urpc::spawn(m.background, ping(m.pool(), m, core));
    if (begun.ok()) begun = urpc::spawn(m.background, fence_if_silent(m.pool(), m, core));
    if (!begun.ok()) entry.asked_again = false;  // when it is suspected the next time
}

}  // namespace skerry::monitor
