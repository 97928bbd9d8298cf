// An order to many cores: down a tree of monitors and back up it, one merged answer a monitor (agreement/round.hpp).
#include "monitor/operation/connect.hpp"
#include "monitor/operation/sharing.hpp"

namespace skerry::monitor {

using agreement::Answer;
using agreement::Branch;
using agreement::Round;
using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;

namespace {

constexpr uint64_t pause = 1'000'000;  // ns, when here or there is no frame for it now

// One branch. The round lies in the frame of who waits for it. A monitor whose channel is closed is lost.
Task<Status> ask_branch(FramePool& pool, Monitor& m, Round& round, intermonitor::Agree order, base::CoreId child) {
    Result<intermonitor::Agreed> agreed{Error::no_memory};
    while (agreed.error() == Error::no_memory) {
        auto connecting = connect(pool, m, child);
        auto peer = co_await connecting;
        if (!peer.ok() && peer.error() != Error::no_memory) break;
        if (peer.ok()) {
            auto call = peer.value()->link.call(order);
            agreed = co_await call;
        }
        if (agreed.error() != Error::no_memory) break;
        auto wait = m.loop.timers().sleep(m.now() + pause);
        co_await wait;
    }
    if (agreed.ok())
        round.answered(child, {agreed->error, agreed->sum, 0, agreed->lost});
    else
        round.lost(child);
    m.changed.set();
    co_return Status{};
}

Task<Result<Answer>> run_round(FramePool&, Monitor& m, intermonitor::Agree order, CoreSet below, Answer own) {
    Round round(below);
    round.performed(own);
    Branch branch;
    bool unasked = false;  // there was no frame for this branch yet
    while (!round.complete()) {
        uint64_t deadline = 0;
        while (deadline == 0 && (unasked || round.next(branch))) {
            order.below = branch.below.words();
            unasked = !urpc::spawn(m.background, ask_branch(m.pool(), m, round, order, branch.child)).ok();
            if (unasked) deadline = m.now() + pause;
        }
        if (round.complete()) break;
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
    co_return round.answer();
}

}  // namespace

Task<Result<Answer>> agree(FramePool& pool, Monitor& m, intermonitor::Agree order, CoreSet members) {
    SKERRY_ASSERT(!members.contains(m.core));
    if (members.empty()) co_return Answer{};
    while (m.shared.own_rounds == SharedObjects::most_rounds) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    ++m.shared.own_rounds;
    order.root = m.core;
    auto running = run_round(pool, m, order, members, {});
    auto answer = co_await running;
    --m.shared.own_rounds;
    m.changed.set();
    co_return answer;
}

Task<Result<intermonitor::Agreed>> take_part(FramePool& pool, Monitor& m, intermonitor::Agree order) {
    CoreSet below = CoreSet::of(order.below);
    if (below.empty()) {
        Answer own = perform_order(m, order);
        co_return intermonitor::Agreed{own.error, own.sum, own.lost};
    }
    if (m.shared.passed_rounds == SharedObjects::most_rounds) co_return Error::no_memory;  // it is asked again
    ++m.shared.passed_rounds;
    Answer own = perform_order(m, order);
    auto running = run_round(pool, m, order, below, own);
    auto answer = co_await running;
    --m.shared.passed_rounds;
    if (!answer.ok()) co_return answer.error();
    co_return intermonitor::Agreed{answer->error, answer->sum, answer->lost};
}

}  // namespace skerry::monitor
