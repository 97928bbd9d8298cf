// An order to many cores: down a tree of monitors and back up it, one merged answer a monitor (agreement/round.hpp).
#include "monitor/operation/connect.hpp"
#include "monitor/operation/order_tree.hpp"
#include "monitor/operation/sharing.hpp"

namespace skerry::monitor {

using agreement::Answer;
using agreement::Branch;
using agreement::OrderTree;
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
template <typename Order>
Task<Status> ask_branch(FramePool& pool, Monitor& m, Round& round, Order order, base::CoreId child) {
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

// A branch of the tree takes what is below it along.
Status begin_branch(Monitor& m, Round& round, const intermonitor::Agree& order, const OrderTree& tree,
                    const Branch& branch) {
    FramePool& pool = m.pool();
    if (branch.count == 0) return urpc::spawn(m.background, ask_branch(pool, m, round, order, branch.child));
    intermonitor::AgreeAlong along{order, {}};
    along.tree.assign(tree.part(branch.first, branch.count).bytes());
    return urpc::spawn(m.background, ask_branch(pool, m, round, along, branch.child));
}

Task<Result<Answer>> run_round(FramePool&, Monitor& m, intermonitor::Agree order, CoreSet below, Answer own,
                               OrderTree tree) {
    Round round(below, tree, tree.empty() ? Round::usual_width : Round::widest);
    round.performed(own);
    Branch branch;
    bool unasked = false;  // there was no frame for this branch yet
    while (!round.complete()) {
        uint64_t deadline = 0;
        while (deadline == 0 && (unasked || round.next(branch))) {
            order.below = branch.below.words();
            unasked = !begin_branch(m, round, order, tree, branch).ok();
            if (unasked) deadline = m.now() + pause;
        }
        if (round.complete()) break;
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
    co_return round.answer();
}

// Along the rules' tree, or else as without one.
Task<Result<Answer>> run_along(FramePool& pool, Monitor& m, intermonitor::Agree order, CoreSet members) {
    intermonitor::TreeBytes bytes;
    OrderTree tree;
    if (own_tree_over(m, members, bytes)) {
        auto chosen = OrderTree::of(bytes.span());
        SKERRY_ASSERT(chosen.ok());
        tree = chosen.value();
    }
    auto running = run_round(pool, m, order, members, {}, tree);
    auto answer = co_await running;
    co_return answer;
}

// At a member.
Task<Result<intermonitor::Agreed>> do_own_part(FramePool&, Monitor& m, intermonitor::Agree order) {
    Answer own = perform_order(m, order);
    co_return intermonitor::Agreed{own.error, own.sum, own.lost};
}

Task<Result<intermonitor::Agreed>> pass_on(FramePool& pool, Monitor& m, intermonitor::Agree order, OrderTree tree) {
    CoreSet below = CoreSet::of(order.below);
    if (m.shared.passed_rounds == SharedObjects::most_rounds) co_return Error::no_memory;  // it is asked again
    ++m.shared.passed_rounds;
    Answer own = perform_order(m, order);
    auto running = run_round(pool, m, order, below, own, tree);
    auto answer = co_await running;
    --m.shared.passed_rounds;
    if (!answer.ok()) co_return answer.error();
    co_return intermonitor::Agreed{answer->error, answer->sum, answer->lost};
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
    Result<Answer> answer{Error::closed};
    if (wants_tree(m, members)) {
        auto running = run_along(pool, m, order, members);
        answer = co_await running;
    } else {
        auto running = run_round(pool, m, order, members, {}, {});
        answer = co_await running;
    }
    --m.shared.own_rounds;
    m.changed.set();
    co_return answer;
}

Task<Result<intermonitor::Agreed>> take_part(FramePool& pool, Monitor& m, intermonitor::Agree order) {
    if (CoreSet::of(order.below).empty()) return do_own_part(pool, m, order);
    return pass_on(pool, m, order, {});
}

Task<Result<intermonitor::Agreed>> take_part_along(FramePool& pool, Monitor& m, intermonitor::AgreeAlong request) {
    auto tree = OrderTree::of(request.tree.span());
    if (!tree.ok()) co_return Error::corrupt;
    auto passing = pass_on(pool, m, request.order, tree.value());
    auto agreed = co_await passing;
    co_return agreed;
}

}  // namespace skerry::monitor
