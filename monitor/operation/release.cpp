// What is left of nothing: a holder that has only its anchor of an object asks the owner to be let go. The owner asks back
// in its turn, for a copy may have been on its way.
//
//   holder                     owner
//     Release ---------------->  enter, wait for the turn
//     <--------- Agree(let_go) -  only the anchor still? then it goes, too
//     Agreed(1) -------------->  out of the set; no holder left: the owner's anchor goes
//     <-------------- Released
#include "monitor/operation/connect.hpp"
#include "monitor/operation/here.hpp"
#include "monitor/operation/inherit.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using agreement::Answer;
using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {

bool alone(const Imported& record) {
    if (!record.anchor) return true;
    auto relations = runtime::KernelCap{}.relations(record.anchor.ref());
    return relations.ok() && relations->alone();
}

// The owner has no holder here. If it never had one (a copy of a part that we made was not sent), nobody has told us to let go.
void forget_unknown(Monitor& m, const Capability& object, uint64_t arrival) {
    Imported* held = m.shared.imported.find(object);
    if (held != nullptr && alone(*held)) (void)forget_arrival(m, object, arrival);
}

}  // namespace

Task<Status> release_one(FramePool& pool, Monitor& m, base::CoreId owner, Capability object, uint64_t arrival) {
    constexpr uint64_t pause = 1'000'000;  // ns, when the owner has no frame for it
    for (;;) {
        auto connecting = connect(pool, m, owner);
        auto peer = co_await connecting;
        if (!peer.ok() && peer.error() != Error::no_memory) co_return peer.error();
        if (peer.ok()) {
            intermonitor::Release request{std::bit_cast<Word4>(object)};
            auto call = peer.value()->link.call(request);
            auto released = co_await call;
            bool again = released.error() == Error::no_memory || released.error() == Error::full;
            if (released.ok() && released->gone) forget_unknown(m, object, arrival);
            if (!again) co_return released.error();
        }
        auto wait = m.loop.timers().sleep(m.now() + pause);
        co_await wait;
    }
}

Task<Status> sweep_shared(FramePool& pool, Monitor& m) {
    SKERRY_ASSERT(!m.shared.sweeping);
    m.shared.sweeping = true;
    auto finishing = finish_revokes(pool, m);
    Status finished = co_await finishing;
    (void)finished.ok();                // what a silent core holds stays on the books
    (void)m.memory.statistics(0).ok();  // blocks that waited for that are free now
    for (Imported& record : m.shared.imported.all()) {
        if (record.object.empty() || !alone(record)) continue;
        if (m.lost.contains(record.owner)) {
            if (!undecided(m, record.owner)) drop_imported(m, record);  // nobody keeps book of it any more
            continue;
        }
        auto releasing = release_one(pool, m, record.owner, record.object, record.arrival);
        Status released = co_await releasing;
        (void)released.ok();
    }
    m.shared.sweeping = false;
    m.changed.set();
    co_return Status{};
}

Shared<intermonitor::Released> release_for(FramePool& pool, Monitor& m, base::CoreId holder,
                                           intermonitor::Release request) {
    auto object = std::bit_cast<Capability>(request.object);
    if (inherits(m, object)) {
        auto settling = await_settled(pool, m, object);
        Status settled = co_await settling;
        if (!settled.ok()) co_return settled.error();
    }
    Exported* record = m.shared.exported.find(object);
    if (record == nullptr) co_return intermonitor::Released{true};
    Turn turn(m, *record);
    if (turn.refused()) co_return Error::full;
    while (!turn.now()) {
        auto wait = turn.wait();
        co_await wait;
    }
    if (!record->sharing.holders().contains(holder)) co_return intermonitor::Released{true};
    intermonitor::Agree order{};
    order.kind = intermonitor::OrderKind::let_go;
    order.object = request.object;
    CoreSet members;
    members.add(holder);
    auto agreeing = agree(pool, m, order, members);
    auto answer = co_await agreeing;
    if (!answer.ok()) co_return answer.error();
    bool gone = answer->lost == 0 && answer->sum == 1;
    if (gone) record->sharing.released(holder);
    co_return intermonitor::Released{gone};
}

// What was made of it here and has gone to other cores since has an anchor of its own, and a record; it goes with the rest. Its
// owner is withdrawing it, too, or will find nothing here.
Status revoke_here(Monitor& m, Imported& held) {
    if (!held.anchor) return {};
    release_holds(m, held.object);
    Status revoked = runtime::CNodeCap{}.revoke(held.anchor.ref());
    for (bool found = true; found && revoked.error() == Error::shared;) {
        found = false;
        for (Imported& inner : m.shared.imported.all()) {
            if (inner.object.empty() || !capabilities::descends_from(inner.object, held.object)) continue;
            drop_imported(m, inner);
            found = true;
        }
        revoked = runtime::CNodeCap{}.revoke(held.anchor.ref());
    }
    return revoked;
}

Answer perform_order(Monitor& m, const intermonitor::Agree& order) {
    Imported* held = m.shared.imported.find(std::bit_cast<Capability>(order.object));
    if (order.kind == intermonitor::OrderKind::let_go) {
        if (held != nullptr && !alone(*held)) return {};
        if (held != nullptr) drop_imported(m, *held);
        return {Error::none, 1, 0, 0};
    }
    if (order.kind == intermonitor::OrderKind::prepare) return take_prepare(m, order);
    if (order.kind == intermonitor::OrderKind::decide) return take_decision(m, order);
    if (order.kind != intermonitor::OrderKind::withdraw) return {Error::unsupported, 0, 0, 0};
    if (held == nullptr) return {Error::none, 1, 0, 0};
    Status revoked = revoke_here(m, *held);
    if (!revoked.ok()) return {revoked.error(), 0, 0, 0};
    drop_imported(m, *held);
    return {Error::none, 1, 0, 0};
}

Result<protocol::Sharing> answer_here(Monitor& m, const protocol::CountSharing&) {
    protocol::Sharing answer{m.shared.exported.count(), 0, m.shared.imported.count(), m.peers.lines_sent()};
    for (Exported& record : m.shared.exported.all()) {
        if (!record.object.empty()) answer.holders += record.sharing.holders().size();
    }
    return answer;
}

}  // namespace skerry::monitor
