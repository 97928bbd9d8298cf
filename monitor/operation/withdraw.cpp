// The owner's part of a revoke: all holders let go of the object, in its turn, and the owner's anchor goes. Whatever is taken
// away, the outermost goes first: so nothing is made in the place of what is gone already while somebody still holds what
// it was made of, and what two operations leave is what one of their two orders leaves.
#include "capabilities/rules.hpp"
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

namespace {

bool recalled(const Owned& anchor) {
    if (!anchor) return false;
    auto value = runtime::CNodeCap{}.identify(anchor.ref());
    return value.ok() && (value->flags & capabilities::flag_recalled) != 0;
}

// In the turn. From all holders but one (`except` may be none: our own index). If a core is lost meanwhile, those that are left
// are asked once more: what they have done already is nothing the second time.
Task<Status> withdraw(FramePool& pool, Monitor& m, Exported& record, base::CoreId except) {
    for (;;) {
        CoreSet members = record.sharing.holders();
        members.remove(except);
        intermonitor::Agree order{};
        order.kind = intermonitor::OrderKind::withdraw;
        order.object = std::bit_cast<Word4>(record.object);
        auto agreeing = agree(pool, m, order, members);
        auto answer = co_await agreeing;
        if (!answer.ok()) co_return answer.error();
        if (answer->lost == 0 && answer->error != Error::none) co_return Error::closed;
        if (answer->lost == 0) {
            while (!members.empty()) record.sharing.released(members.take());
            co_return Status{};
        }
        auto waiting = await_loss(pool, m, record, members);
        Status lost = co_await waiting;
        if (!lost.ok()) co_return lost;
    }
}

Task<Status> withdraw_recalled(FramePool& pool, Monitor& m, Exported& record) {
    Turn turn(m, record);
    if (turn.refused()) co_return Error::full;
    while (!turn.now()) {
        auto wait = turn.wait();
        co_await wait;
    }
    auto withdrawing = withdraw(pool, m, record, m.core);
    Status withdrawn = co_await withdrawing;
    co_return withdrawn;
}

// The largest that others hold of what is revoked. Null: none.
Exported* outermost(Monitor& m, const Capability& object, const Exported* but) {
    Exported* found = nullptr;
    for (Exported& record : m.shared.exported.all()) {
        if (&record == but || record.object.empty() || !record.anchor || !takes(object, record.object)) continue;
        if (found == nullptr || record.object.size > found->object.size) found = &record;
    }
    return found;
}

Task<Status> withdraw_but(FramePool& pool, Monitor& m, Capability object, const Revoke* revoke, const Exported* but) {
    while (Exported* record = outermost(m, object, but)) {
        Turn turn(m, *record);
        if (turn.refused()) co_return Error::full;
        while (!turn.now()) {
            auto wait = turn.wait();
            co_await wait;
        }
        if (revoke != nullptr && !holds(revoke->hold)) co_return Status{};
        auto withdrawing = withdraw(pool, m, *record, m.core);
        Status withdrawn = co_await withdrawing;
        if (!withdrawn.ok()) co_return withdrawn;
    }
    co_return Status{};
}

}  // namespace

bool holds(const Owned& cap) {
    if (!cap) return false;
    auto value = runtime::CNodeCap{}.identify(cap.ref());
    return value.ok() && !value->empty();
}

bool under_revoke(Monitor& m, const Capability& object) {
    RevokeList& revokes = m.shared.revokes;
    for (Revoke* revoke = revokes.front(); revoke != nullptr; revoke = revokes.next(*revoke)) {
        if (takes(revoke->object, object)) return true;
    }
    return false;
}

bool is_recalled(Monitor& m, const Capability& object) {
    for (const Exported& record : m.shared.exported.all()) {
        if (!record.object.empty() && takes(record.object, object) && recalled(record.anchor)) return true;
    }
    return false;
}

void release_holds(Monitor& m, const Capability& object, const Revoke* but) {
    RevokeList& revokes = m.shared.revokes;
    for (Revoke* revoke = revokes.front(); revoke != nullptr; revoke = revokes.next(*revoke)) {
        if (revoke != but && takes(object, revoke->object)) revoke->hold.reset();
    }
}

Task<Status> withdraw_within(FramePool& pool, Monitor& m, Capability object, const Revoke* revoke) {
    return withdraw_but(pool, m, object, revoke, nullptr);
}

Task<Status> finish_revokes(FramePool& pool, Monitor& m) {
    RevokeList& revokes = m.shared.revokes;
    for (Revoke* revoke = revokes.front(); revoke != nullptr; revoke = revokes.next(*revoke)) {
        if (recalled(revoke->hold)) revoke->hold.reset();
    }
    Status worst;
    for (Exported& record : m.shared.exported.all()) {
        if (record.object.empty() || !recalled(record.anchor)) continue;
        auto withdrawing = withdraw_recalled(pool, m, record);
        Status withdrawn = co_await withdrawing;
        if (!withdrawn.ok()) worst = withdrawn;
        (void)m.memory.statistics(0).ok();  // a block that waited for that goes on to what lies inside
    }
    co_return worst;
}

Shared<intermonitor::TakenBack> revoke_for(FramePool& pool, Monitor& m, base::CoreId holder,
                                           intermonitor::TakeBack request) {
    auto object = std::bit_cast<Capability>(request.object);
    if (inherits(m, object)) {
        auto settling = await_settled(pool, m, object);
        Status settled = co_await settling;
        if (!settled.ok()) co_return settled.error();
    }
    Exported* record = m.shared.exported.find(object);
    if (record == nullptr) co_return Error::no_capability;
    Turn turn(m, *record);
    if (turn.refused()) co_return Error::full;
    while (!turn.now()) {
        auto wait = turn.wait();
        co_await wait;
    }
    // Another revoke may have had its turn before.
    if (!record->sharing.holders().contains(holder)) co_return Error::no_capability;
    Revoking revoking(m, record->object);
    auto withdrawing = withdraw(pool, m, *record, holder);
    Status withdrawn = co_await withdrawing;
    if (!withdrawn.ok()) co_return withdrawn.error();
    auto inside = withdraw_but(pool, m, record->object, nullptr, record);
    Status taken = co_await inside;
    if (!taken.ok()) co_return taken.error();
    release_holds(m, record->object);
    Status revoked = runtime::CNodeCap{}.revoke(record->anchor.ref());
    if (!revoked.ok()) co_return revoked.error();
    co_return intermonitor::TakenBack{};
}

}  // namespace skerry::monitor
