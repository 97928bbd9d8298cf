#include "monitor/operation/decide.hpp"

#include <algorithm>

#include "monitor/operation/ask_knowledge.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/order_tree.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;
using protocol::QuestionKind;

namespace {

constexpr uint64_t spawn_patience = 500'000'000, settle_patience = 1'000'000'000;  // ns
using Goals = base::Buffer<protocol::question_bytes>;

// Once, how wide a tree may be. Whose monitors are silent are not among those that run.
Task<Status> tell_running(FramePool& pool, Monitor& m) {
    Decisions& d = m.decisions;
    if (!d.running_told) {
        Goals most;
        most << "most_children(" << GroupSeat::most_children << ").";
        auto telling = inform_knowledge(pool, m, QuestionKind::tell, most.view());
        Status told = co_await telling;
        if (!told.ok()) co_return told;
    }
    for (uint32_t i = 0; i < m.cores.count; ++i) {
        base::CoreId core{i};
        const CoreEntry& entry = m.cores.cores[i];
        bool runs = entry.state == CoreState::online && m.now() >= entry.suspected_until;
        if (d.running_told && runs == d.told_running.contains(core)) continue;
        Goals fact;
        fact << "running(" << i << ").";
        auto telling = inform_knowledge(pool, m, runs ? QuestionKind::tell : QuestionKind::retract, fact.view());
        Status told = co_await telling;
        if (!told.ok()) co_return told;
        runs ? d.told_running.add(core) : d.told_running.remove(core);
    }
    d.running_told = true;
    co_return Status{};
}

// Along which edges orders to all monitors go.
Task<Status> ask_tree(FramePool& pool, Monitor& m) {
    Decisions& d = m.decisions;
    Goals goals;
    goals << "tree(" << m.core << ", Parent, Child, Turn)";
    static_assert(sizeof(TreeRow) == 3 * sizeof(uint32_t));
    std::span numbers(&d.fresh_tree[0].parent, 3 * d.fresh_tree.size());
    auto asking = ask_knowledge(pool, m, goals.view(), 3, numbers);
    auto rows = co_await asking;
    uint32_t count = rows.ok() ? *rows : 0;
    auto same = [](const TreeRow& one, const TreeRow& other) {
        return one.parent == other.parent && one.child == other.child && one.turn == other.turn;
    };
    bool kept = count == d.tree_rows && std::equal(d.tree.begin(), d.tree.begin() + count, d.fresh_tree.begin(), same);
    if (!kept) {
        d.tree = d.fresh_tree;
        d.tree_rows = count;
        ++d.tree_number;
    }
    co_return rows.error() == Error::none ? Status() : Status(rows.error());
}

// From which nodes this core's programs have their memory, the best first: the memory service is told.
Task<Status> ask_memory(FramePool& pool, Monitor& m) {
    std::array<uint32_t, 2 * urpc::machine_nodes_maximum> rows{};
    Goals goals;
    goals << "memory_for(" << m.core << ", Node, Distance)";
    auto asking = ask_knowledge(pool, m, goals.view(), 2, rows);
    auto count = co_await asking;
    std::array<uint32_t, urpc::machine_nodes_maximum> nodes{};
    uint32_t known = 0;
    // By distance; of one distance as they came, by number.
    for (uint32_t taken = 0; count.ok() && taken < *count; ++taken) {
        uint32_t best = *count;
        for (uint32_t i = 0; i < *count; ++i) {
            bool nearer = best == *count || rows[2 * i + 1] < rows[2 * best + 1];
            if (rows[2 * i] != ~uint32_t{0} && nearer) best = i;
        }
        if (best == *count) break;
        if (rows[2 * best] < m.machine->node_count) nodes[known++] = rows[2 * best];
        rows[2 * best] = ~uint32_t{0};
    }
    m.decisions.nodes_preferred = true;
    co_return m.memory.prefer_nodes(std::span(nodes).first(known));
}

// Where the memory lies of rings from this core to others.
Task<Status> ask_rings(FramePool& pool, Monitor& m) {
    Decisions& d = m.decisions;
    std::span numbers(&d.fresh_tree[0].parent, 3 * d.fresh_tree.size());
    Goals goals;
    goals << "ring_node(" << m.core << ", To, Node)";
    auto asking = ask_knowledge(pool, m, goals.view(), 2, numbers);
    auto count = co_await asking;
    d.ring_node = {};
    for (uint32_t i = 0; count.ok() && i < *count; ++i) {
        uint32_t to = numbers[2 * i], node = numbers[2 * i + 1];
        if (to < m.cores.count && node < m.machine->node_count) d.ring_node[to] = node + 1;
    }
    co_return Status{};
}

// In a frame of its own, since it goes on for as long as the base changes.
Task<Status> decide_all(FramePool& pool, Monitor& m) {
    Decisions& d = m.decisions;
    while (d.present() && d.asked != d.version) {
        uint64_t version = d.version;
        d.outdated = false;
        auto running = tell_running(pool, m);
        Status done = co_await running;
        if (done.ok()) {
            auto tree = ask_tree(pool, m);
            done = co_await tree;
            auto memory = ask_memory(pool, m);
            done = co_await memory;
            auto rings = ask_rings(pool, m);
            done = co_await rings;
        }
        if (!d.outdated) d.asked = version;
        trees_changed(m);
    }
    d.asking = false;
    m.changed.set();
    co_return Status{};
}

// How many programs each core has, where that has changed since the base was told.
Task<Status> tell_load(FramePool& pool, Monitor& m) {
    Decisions& d = m.decisions;
    d.load[m.core.value] = m.domains.count();
    for (uint32_t i = 0; i < m.cores.count; ++i) {
        if (d.load[i] == d.told_load[i]) continue;
        Goals old;
        old << "load(" << i << ", _)";
        auto forgetting = inform_knowledge(pool, m, QuestionKind::retract, old.view());
        Status told = co_await forgetting;
        if (!told.ok()) co_return told;
        Goals fact;
        uint32_t load = d.load[i];
        fact << "load(" << i << ", " << load << ").";
        auto telling = inform_knowledge(pool, m, QuestionKind::tell, fact.view());
        told = co_await telling;
        if (!told.ok()) co_return told;
        d.told_load[i] = load;
    }
    co_return Status{};
}

}  // namespace

void decide(Monitor& m) {
    Decisions& d = m.decisions;
    if (d.asking || !d.present() || d.asked == d.version) return;
    d.asking = urpc::spawn(m.background, decide_all(m.pool(), m)).ok();
}

void decide_anew(Monitor& m) {
    m.decisions.asked = 0;
    m.decisions.outdated = true;
    decide(m);
}

Task<Status> await_decisions(FramePool&, Monitor& m) {
    uint64_t deadline = m.now() + settle_patience;
    // What was said before we were asked is heard first.
    auto news = m.loop.timers().sleep(m.now());
    co_await news;
    while (!m.decisions.settled() && m.now() < deadline) {
        decide(m);
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
    co_return Status{};
}

Task<Result<intermonitor::Chosen>> choose_core(FramePool& pool, Monitor& m, base::CoreId from) {
    if (!m.is_directory()) {
        auto asking = at_directory(pool, m, intermonitor::ChooseCore{from});
        auto chosen = co_await asking;
        co_return chosen.ok() ? *chosen : intermonitor::Chosen{from};
    }
    auto telling = tell_load(pool, m);
    Status told = co_await telling;
    std::array<uint32_t, 1> core{};
    Goals goals;
    goals << "dispatcher_core(" << from << ", Core)";
    Result<uint32_t> rows{Error::closed};
    if (told.ok()) {
        auto asking = ask_knowledge(pool, m, goals.view(), 1, core, spawn_patience);
        rows = co_await asking;
    }
    bool runs = rows.ok() && *rows == 1 && core[0] < m.cores.count;
    runs = runs && m.cores.cores[core[0]].state == CoreState::online;
    co_return intermonitor::Chosen{runs ? base::CoreId{core[0]} : from};
}

Task<Result<protocol::Spawned>> spawn_anywhere(FramePool& pool, Monitor& m, intermonitor::Spawn request) {
    auto choosing = choose_core(pool, m, m.core);
    auto chosen = co_await choosing;
    base::CoreId core = chosen.ok() ? chosen->core : m.core;
    auto spawning = at_core(pool, m, core, request);
    auto spawned = co_await spawning;
    co_return spawned;
}

uint64_t ring_node(const Monitor& m, base::CoreId receiver) {
    uint32_t node = receiver.value < m.cores.count ? m.decisions.ring_node[receiver.value] : 0;
    return node == 0 ? urpc::memory::any_node : node - 1;
}

}  // namespace skerry::monitor
