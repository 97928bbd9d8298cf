// Revoke on all cores. The driver takes away what this core holds, up to an anchor: there it stops and says so. The
// holders of that object are made to let go, the anchor is deleted, and the driver goes on. So when it is through, no core
// has a copy, a descendant or a mapping of it.
#include "capabilities/rules.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/sharing.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using agreement::Answer;
using base::Error;
using base::Result;
using base::Status;
using capabilities::Rights;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {

// From all holders but one (`except` may be none: our own index). Errors: full, closed (a core does not answer; what it
// holds stays on the books, and the memory withdrawn).
Task<Status> withdraw_from_holders(FramePool& pool, Monitor& m, Exported& record, base::CoreId except) {
    Turn turn(m, record);
    if (turn.refused()) co_return Error::full;
    while (!turn.now()) {
        auto wait = turn.wait();
        co_await wait;
    }
    CoreSet members = record.sharing.holders();
    members.remove(except);
    intermonitor::Agree order{};
    order.kind = intermonitor::OrderKind::withdraw;
    order.object = std::bit_cast<Word4>(record.object);
    auto agreeing = agree(pool, m, order, members);
    auto answer = co_await agreeing;
    if (!answer.ok()) co_return answer.error();
    if (answer->lost != 0 || answer->error != Error::none) co_return Error::closed;
    while (!members.empty()) record.sharing.released(members.take());
    co_return Status{};
}

bool recalled(const Exported& record) {
    if (record.object.empty() || !record.anchor) return false;
    auto value = runtime::CNodeCap{}.identify(record.anchor.ref());
    return value.ok() && (value->flags & capabilities::flag_recalled) != 0;
}

Result<runtime::CNodeCap> space_of(Monitor& m, base::DomainId domain) {
    DomainRecord* record = m.domains.find(domain);
    if (record == nullptr || record->program == nullptr) return Error::closed;
    return runtime::CNodeCap{record->program->domain.root_cnode.ref()};
}

// What is revoked: the program's slot, or, if it was emptied while other cores were asked, the copy that we kept, so that a
// revoke that has begun is done whole, as if the slot had been emptied after it.
struct Place {
    runtime::CNodeCap space;
    CapRef slot;
    bool kept = false;
};

bool holds(const Owned& kept) {
    if (!kept) return false;
    auto value = runtime::CNodeCap{}.identify(kept.ref());
    return value.ok() && !value->empty();
}

Result<Place> place_of(Monitor& m, base::DomainId domain, CapRef slot, const Owned& kept) {
    runtime::CNodeCap space = SKERRY_TRY(space_of(m, domain));
    if (!holds(kept)) return Place{space, slot};
    auto now = space.identify(slot);
    auto ours = runtime::CNodeCap{}.identify(kept.ref());
    if (now.ok() && ours.ok() && capabilities::same_object(now.value(), ours.value())) return Place{space, slot};
    return Place{{}, kept.ref(), true};
}

// The driver has stopped: each of its attempts takes the copy away, too.
void keep(Monitor& m, const Place& at, Owned& kept) {
    auto empty = Owned::empty(m.self.slots);
    if (!empty.ok()) return;
    if (at.space.fetch(empty->ref(), at.slot).ok()) kept = std::move(empty).value();
}

// The owner has taken it from everybody else: what is left here is the slot and our anchor, which makes way and is made
// again. If the program has deleted its slot meanwhile, there is none to be made, and the object will be released.
Status revoke_beside_anchor(Monitor& m, runtime::CNodeCap space, CapRef slot, const Capability& object) {
    Imported* held = m.shared.imported.find(object);
    if (held == nullptr) return Error::no_capability;
    Owned anchor = SKERRY_TRY(Owned::empty(m.self.slots));
    held->anchor.reset();
    Status revoked = space.revoke(slot);
    Status anchored = space.fetch(anchor.ref(), slot);
    if (anchored.ok()) anchored = runtime::KernelCap{}.anchor(anchor.ref(), Rights::all);
    if (anchored.ok()) held->anchor = std::move(anchor);
    return revoked;
}

// At whose anchor a revoke of this has stopped: its own, or that of something that was made of it here.
Capability shared_object(Monitor& m, const Capability& value) {
    if (m.shared.imported.find(value) != nullptr) return value;
    for (const Imported& record : m.shared.imported.all()) {
        bool inside = !record.object.empty() && capabilities::descends_from(record.object, value);
        if (inside && record.anchor) return record.object;
    }
    return value;
}

// Nobody else has it any more. The sweep will release the record.
void let_go_of(Monitor& m, const Capability& object) {
    Imported* held = m.shared.imported.find(object);
    if (held != nullptr) held->anchor.reset();
}

Task<Status> take_back_at_owner(FramePool& pool, Monitor& m, Capability object) {
    Imported* held = m.shared.imported.find(object);
    if (held == nullptr) co_return Error::refused;
    auto connecting = connect(pool, m, held->owner);
    auto owner = co_await connecting;
    if (!owner.ok()) co_return Error::closed;
    intermonitor::TakeBack request{std::bit_cast<Word4>(object)};
    auto call = owner.value()->link.call(request);
    auto taken = co_await call;
    co_return taken.error();
}

}  // namespace

Task<Status> finish_revokes(FramePool& pool, Monitor& m) {
    Status worst;
    for (Exported& record : m.shared.exported.all()) {
        if (!recalled(record)) continue;
        auto withdrawing = withdraw_from_holders(pool, m, record, m.core);
        Status withdrawn = co_await withdrawing;
        if (!withdrawn.ok()) worst = withdrawn;
    }
    co_return worst;
}

Shared<protocol::Revoked> revoke_everywhere(FramePool& pool, Monitor& m, base::DomainId domain, uint64_t slot) {
    Owned kept;
    for (;;) {
        auto found = place_of(m, domain, CapRef{slot}, kept);
        if (!found.ok()) co_return found.error();
        Place at = found.value();
        Status revoked = at.space.revoke(at.slot);
        if (revoked.ok()) co_return protocol::Revoked{};
        if (revoked.error() == Error::no_capability && !at.kept && holds(kept)) continue;
        if (revoked.error() != Error::shared) co_return revoked.error();
        auto value = at.space.identify(at.slot);
        if (!value.ok()) co_return value.error();
        if (!at.kept) keep(m, at, kept);
        if (!capabilities::foreign(value.value())) {
            auto finishing = finish_revokes(pool, m);
            Status finished = co_await finishing;
            if (!finished.ok()) co_return finished.error();
            continue;
        }
        Capability object = shared_object(m, value.value());
        auto asking = take_back_at_owner(pool, m, object);
        Status taken = co_await asking;
        if (!taken.ok()) co_return taken.error();
        if (!capabilities::same_object(object, value.value())) {
            let_go_of(m, object);
            continue;
        }
        found = place_of(m, domain, CapRef{slot}, kept);
        if (!found.ok()) co_return found.error();
        at = found.value();
        revoked = revoke_beside_anchor(m, at.space, at.slot, value.value());
        if (revoked.ok()) co_return protocol::Revoked{};
        if (revoked.error() == Error::no_capability && !at.kept && holds(kept)) continue;
        if (revoked.error() != Error::shared) co_return revoked.error();
    }
}

Shared<intermonitor::TakenBack> revoke_for(FramePool& pool, Monitor& m, base::CoreId holder,
                                           intermonitor::TakeBack request) {
    auto object = std::bit_cast<Capability>(request.object);
    for (;;) {
        Exported* record = m.shared.exported.find(object);
        bool holds = record != nullptr && record->anchor && record->sharing.holders().contains(holder);
        if (!holds) co_return Error::no_capability;
        Status revoked = runtime::CNodeCap{}.revoke(record->anchor.ref());
        if (revoked.error() == Error::shared) {  // something made of it is shared, too
            auto finishing = finish_revokes(pool, m);
            Status finished = co_await finishing;
            if (!finished.ok()) co_return finished.error();
            continue;
        }
        if (!revoked.ok()) co_return revoked.error();
        auto withdrawing = withdraw_from_holders(pool, m, *record, holder);
        Status withdrawn = co_await withdrawing;
        if (!withdrawn.ok()) co_return withdrawn.error();
        co_return intermonitor::TakenBack{};
    }
}

}  // namespace skerry::monitor
