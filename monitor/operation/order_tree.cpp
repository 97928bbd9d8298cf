#include "monitor/operation/order_tree.hpp"

#include "monitor/agreement/round.hpp"
#include "monitor/operation/ask_knowledge.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/decide.hpp"

namespace skerry::monitor {

using agreement::OrderTree;
using agreement::Round;
using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
using intermonitor::TreeBytes;

namespace {

constexpr uint64_t pause = 1'000'000;  // ns, while a ring is full

Task<Status> ask_own(FramePool& pool, Monitor& m) {
    OwnTree& own = m.decisions.own;
    uint64_t version = own.version;
    Result<intermonitor::TreeGiven> given{Error::closed};
    if (m.is_directory()) {
        auto giving = give_tree(pool, m, m.core);
        given = co_await giving;
    } else {
        auto asking = at_directory(pool, m, intermonitor::AskTree{m.core});
        given = co_await asking;
    }
    own.tree.length = 0;
    if (given.ok() && OrderTree::of(given->tree.span()).ok()) own.tree = given->tree;
    if (given.error() != Error::no_memory) own.asked = version;  // else with the next order
    own.asking = false;
    co_return Status{};
}

// Those that have been told, or are lost, leave the set.
void tell_once(Monitor& m) {
    Decisions& d = m.decisions;
    CoreSet full;
    while (!d.untold.empty()) {
        base::CoreId core = d.untold.take();
        Peer* peer = m.peers.find(core);
        if (peer == nullptr) continue;
        if (peer->link.try_send(intermonitor::TreesChanged{d.own.version}).error() == Error::full) full.add(core);
    }
    d.untold = full;
}

Task<Status> tell_the_rest(FramePool&, Monitor& m) {
    while (!m.decisions.untold.empty()) {
        auto wait = m.loop.timers().sleep(m.now() + pause);
        co_await wait;
        tell_once(m);
    }
    m.decisions.telling = false;
    co_return Status{};
}

// What the rows say to those who run, with the asker as the root.
TreeBytes tree_from(Monitor& m, std::span<const TreeRow> rows, base::CoreId asker) {
    std::array<base::CoreId, group::most_members> members;
    uint32_t count = 0;
    group::Member root;
    for (CoreSet rest = m.decisions.told_running; !rest.empty();) {
        base::CoreId core = rest.take();
        if (core == asker) root = group::Member{static_cast<uint16_t>(count)};
        members[count++] = core;
    }
    if (!m.decisions.told_running.contains(asker)) return {};
    Reason reason;
    std::span those(members.data(), count);
    auto plan = plan_of(rows, those, root, group::most_members, reason);
    if (!plan.ok()) return {};
    return order_tree_of(*plan, those);
}

}  // namespace

bool wants_tree(const Monitor& m, const CoreSet& members) {
    return m.decisions.own.version != 0 && members.size() > Round::usual_width;
}

bool own_tree_over(Monitor& m, const CoreSet& members, TreeBytes& out) {
    OwnTree& own = m.decisions.own;
    if (own.asked != own.version && !own.asking) {
        own.asking = true;  // before: it may be done at once
        if (!urpc::spawn(m.background, ask_own(m.pool(), m)).ok()) own.asking = false;
    }
    if (own.tree.length == 0) return false;
    auto tree = OrderTree::of(own.tree.span());
    SKERRY_ASSERT(tree.ok());  // it was looked at when it came
    if (!tree->over(members, out.data)) return false;
    out.length = 2 * members.size();
    return true;
}

Task<Result<intermonitor::TreeGiven>> give_tree(FramePool& pool, Monitor& m, base::CoreId asker) {
    Decisions& d = m.decisions;
    if (!m.is_directory()) co_return Error::refused;
    while (d.lending) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    d.lending = true;
    if (asker != m.core) d.askers.add(asker);
    auto deciding = await_decisions(pool, m);  // the rules know who runs
    Status done = co_await deciding;
    base::Buffer<urpc::monitor::question_bytes> goals;
    goals << "tree(" << asker << ", Parent, Child, Turn)";
    std::span numbers(&d.asked_tree[0].parent, 3 * d.asked_tree.size());
    auto asking = ask_knowledge(pool, m, goals.view(), 3, numbers);
    auto rows = co_await asking;
    d.lending = false;
    m.changed.set();
    done = rows.error();
    if (!done.ok()) co_return done.error();
    co_return intermonitor::TreeGiven{tree_from(m, std::span(d.asked_tree).first(*rows), asker)};
}

void trees_changed(Monitor& m) {
    Decisions& d = m.decisions;
    if (d.own.version++ == 0) {
        for (uint32_t i = 0; i < m.cores.count; ++i) {
            if (m.cores.cores[i].state == CoreState::online) d.untold.add(base::CoreId{i});
        }
    }
    d.untold.add(d.askers);
    d.untold.remove(m.core);
    d.askers = {};
    tell_once(m);
    if (d.untold.empty() || d.telling) return;
    d.telling = true;  // before: it may be done at once
    // Without a frame for it they hear of the next change; until then they go on as before.
    if (!urpc::spawn(m.background, tell_the_rest(m.pool(), m)).ok()) d.telling = false;
}

}  // namespace skerry::monitor
