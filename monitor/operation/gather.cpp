// The directory's part: forms the group, and runs operations in it.
#include "monitor/operation/gather.hpp"

#include "monitor/operation/connect.hpp"
#include "monitor/operation/decide.hpp"
#include "monitor/operation/lose_core.hpp"
#include "urpc/group/variant.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {

constexpr std::string_view variant_name = "tree";
constexpr uint64_t seat_patience = 3'000'000'000;  // ns, for one member to take its seat
constexpr uint64_t suspect_time = 30'000'000'000;  // ns without a member that was silent
constexpr uint64_t answer_time = 1'000'000'000;    // ns to show that it is not

bool takes_part(Monitor& m, uint32_t index) {
    const CoreEntry& entry = m.cores.cores[index];
    if (entry.state != CoreState::online || entry.asked_again) return false;
    return entry.suspected_until == 0 || m.now() >= entry.suspected_until;
}

// Has a core come or gone, or the tree been decided anew, since the group was formed?
bool current(Monitor& m) {
    if (!m.seat.seated() || m.gathering.tree_number != m.decisions.tree_number) return false;
    uint32_t members = 0;
    for (uint32_t i = 0; i < m.cores.count; ++i) {
        if (!takes_part(m, i)) continue;
        if (members >= m.gathering.size || m.gathering.cores[members].value != i) return false;
        ++members;
    }
    return members == m.gathering.size;
}

// What the rules say; the default if they say nothing, or nothing that can be used.
Result<group::Plan> plan_over(Monitor& m, const group::Topology& topology) {
    Gathering& g = m.gathering;
    g.tree_number = m.decisions.tree_number;
    g.by_rules = false;
    g.reason.clear();
    if (!m.decisions.present()) {
        g.reason << "the knowledge base has not answered yet";
        return group::find_variant(variant_name)->plan(topology);
    }
    std::span rows(m.decisions.tree.data(), m.decisions.tree_rows);
    std::span members(g.cores.data(), g.size);
    auto plan = plan_of(rows, members, topology.root, GroupSeat::most_children, g.reason);
    if (!plan.ok()) return group::find_variant(variant_name)->plan(topology);
    g.by_rules = true;
    return plan;
}

// The members in core order, and the tree over them with ourselves at the root.
Status plan_group(Monitor& m) {
    SKERRY_ASSERT(m.machine != nullptr);
    Gathering& g = m.gathering;
    std::array<group::Place, group::most_members> places{};
    std::array<uint8_t, urpc::machine_nodes_maximum * urpc::machine_nodes_maximum> distance;
    const urpc::MachineInfo& machine = *m.machine;
    uint32_t nodes = machine.node_count;
    for (uint32_t i = 0; i < nodes * nodes; ++i) distance[i] = machine.distance[i / nodes][i % nodes];
    Member root;
    g.size = 0;
    for (uint32_t i = 0; i < m.cores.count; ++i) {
        if (!takes_part(m, i)) continue;
        if (i == m.core.value) root = Member{static_cast<uint16_t>(g.size)};
        places[g.size] = {m.cores.cores[i].package, m.cores.cores[i].node};
        g.cores[g.size++] = base::CoreId{i};
    }
    group::Topology topology{std::span(places).first(g.size), root, std::span(distance).first(nodes * nodes), nodes};
    g.plan = SKERRY_TRY(plan_over(m, topology));
    g.tree = SKERRY_TRY(group::Tree::from(g.plan));
    return {};
}

base::NodeId node_of(Monitor& m, Member member) {
    return m.cores.cores[m.gathering.cores[member.value].value].node;
}

Result<intermonitor::SitInGroup> seat_of(Monitor& m, Member member) {
    intermonitor::SitInGroup request{m.gathering.generation, member, m.gathering.tree.depth(), 0, {}};
    for (Member child : m.gathering.tree.children(member)) {
        if (request.child_count == request.children.size()) return Error::full;
        Member at = child;
        for (const group::Edge& edge : m.gathering.plan.edges) {
            if (edge.member == child) at = edge.down_at;
        }
        request.children[request.child_count++] = {child, m.gathering.cores[child.value], node_of(m, at)};
    }
    return request;
}

void suspect(Monitor& m, Member member) {
    if (member.value >= m.gathering.size || m.gathering.cores[member.value] == m.core) return;
    base::CoreId core = m.gathering.cores[member.value];
    if (m.cores.cores[core.value].state != CoreState::online) return;  // it has been fenced
    m.cores.cores[core.value].suspected_until = m.now() + suspect_time;
    ask_again(m, core);
    decide_anew(m);  // rules are told that it runs no more
}

// In the background, and in our frames, since a call to one that is silent does not end before its core is fenced: who asked may
// have ended by then.
Task<Status> ask_to_sit(FramePool& pool, Monitor& m, intermonitor::SitInGroup request, base::CoreId core) {
    Result<intermonitor::Seated> seated{Error::closed};
    if (core == m.core) {
        auto sitting = sit_in_group(pool, m, request);
        seated = co_await sitting;
    } else if (Peer* peer = m.peers.find(core)) {
        auto call = peer->link.call(request);
        seated = co_await call;
    }
    if (m.gathering.generation == request.generation && m.gathering.asked == request.self) {
        m.gathering.answered = true;
        m.gathering.answer = seated.error();
        m.changed.set();
    }
    co_return Status{};
}

// A member does not take its seat: it is silent, or one of its children is, for which it waits. All are asked; who does not
// answer at once is left out. Nobody: then the member itself.
Task<Status> blame(FramePool&, Monitor& m, Member member) {
    std::array<Member, GroupSeat::most_children + 1> asked{member};
    uint32_t count = 1;
    for (Member child : m.gathering.tree.children(member)) {
        if (count < asked.size()) asked[count++] = child;
    }
    auto entry_of = [&](Member each) -> CoreEntry& { return m.cores.cores[m.gathering.cores[each.value].value]; };
    for (uint32_t i = 0; i < count; ++i) {
        if (m.gathering.cores[asked[i].value] != m.core) ask_again(m, m.gathering.cores[asked[i].value]);
    }
    auto wait = m.loop.timers().sleep(m.now() + answer_time);
    co_await wait;
    bool found = false;
    for (uint32_t i = 0; i < count; ++i) {
        if (!entry_of(asked[i]).asked_again) continue;
        found = true;
        suspect(m, asked[i]);
    }
    if (!found) suspect(m, member);
    co_return Error::timed_out;
}

// One after the other, parents before their children: the root, then as the plan says.
Task<Status> seat_all(FramePool& pool, Monitor& m) {
    Gathering& g = m.gathering;
    for (uint32_t i = 0; i < g.size; ++i) {
        Member member = i == 0 ? g.plan.root : g.plan.edges[i - 1].member;
        g.asked = member;
        g.answered = false;
        auto request = seat_of(m, member);
        if (!request.ok()) co_return request.error();
        Status begun = urpc::spawn(m.background, ask_to_sit(m.pool(), m, *request, g.cores[member.value]));
        if (!begun.ok()) co_return begun;
        uint64_t deadline = m.now() + seat_patience;
        while (!g.answered) {
            if (m.now() >= deadline) {
                auto blaming = blame(pool, m, member);
                Status silent = co_await blaming;
                co_return silent;
            }
            auto wait = m.loop.timers().wait(m.changed, deadline);
            co_await wait;
        }
        if (g.answer != Error::none) co_return g.answer;
    }
    if (!m.seat.begun()) co_return Error::closed;  // a core of it was lost meanwhile
    m.seat.sit(true, g.tree.depth());
    co_return Status{};
}

// The group of all that are online stands. One coroutine forms it, the others wait for that.
Task<Status> form_group(FramePool& pool, Monitor& m) {
    while (m.gathering.forming) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    if (current(m)) co_return Status{};
    m.gathering.forming = true;
    m.seat.stand_up();
    ++m.gathering.generation;
    Status formed = plan_group(m);
    if (formed.ok()) {
        auto seating = seat_all(pool, m);
        formed = co_await seating;
    }
    m.gathering.forming = false;
    m.changed.set();
    co_return formed;
}

// Once more if the group ended under it: without the one that was silent. The group is everybody's: who asks pays for the
// frames that form it, but one whose frames are taken by what it waits for is not refused for it: then they are ours.
Task<Result<group::Words>> run_together(FramePool& pool, Monitor& m, group::Words words) {
    constexpr int attempts = 3;
    auto deciding = await_decisions(pool, m);
    Status last = co_await deciding;
    for (int attempt = 0; attempt < attempts; ++attempt) {
        FramePool& payer = last.error() == Error::no_memory ? m.pool() : pool;
        auto forming = form_group(payer, m);
        last = co_await forming;
        if (!last.ok()) continue;
        auto operation = m.seat.initiator().run(words);
        auto answer = co_await operation;
        if (answer.ok()) co_return answer;
        last = answer.error();
        if (last.error() == Error::timed_out) suspect(m, m.gathering.culprit);
    }
    co_return last.error();
}

}  // namespace

Task<Result<protocol::TreeEdge>> tree_edge(FramePool& pool, Monitor& m, protocol::NextTreeEdge request) {
    if (!m.is_directory()) {
        auto asking = at_directory(pool, m, request);
        auto edge = co_await asking;
        co_return edge;
    }
    if (request.index == 0) {
        auto deciding = await_decisions(pool, m);
        Status formed = co_await deciding;
        auto forming = form_group(pool, m);
        formed = co_await forming;
        if (!formed.ok()) co_return formed.error();
    }
    const Gathering& g = m.gathering;
    if (request.index >= g.plan.edges.size()) co_return Error::out_of_range;
    const group::Edge& edge = g.plan.edges[request.index];
    co_return protocol::TreeEdge{.parent = g.cores[edge.parent.value],
                                 .child = g.cores[edge.member.value],
                                 .by_rules = g.by_rules,
                                 .about = decltype(protocol::TreeEdge::about)::cut(g.reason.view())};
}

Task<Result<protocol::Totals>> machine_totals(FramePool& pool, Monitor& m) {
    if (!m.is_directory()) {
        auto asking = at_directory(pool, m, protocol::MachineTotals{});
        auto totals = co_await asking;
        co_return totals;
    }
    auto running = run_together(pool, m, {static_cast<uint64_t>(Together::totals)});
    auto sums = co_await running;
    if (!sums.ok()) co_return sums.error();
    group::Words w = sums.value();
    co_return protocol::Totals{.cores = static_cast<uint32_t>(w[0]),
                               .cores_online = m.cores.online(),
                               .size = w[1],
                               .free = w[2],
                               .blocks = w[3],
                               .domains = w[4],
                               .kept = w[5]};
}

}  // namespace skerry::monitor
