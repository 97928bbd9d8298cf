// Revoke on all cores, for a program. First whatever other cores hold of it is taken from them (withdraw.cpp; a holder asks the
// owner to); then the driver takes away what is left on this core, all at once. So when it is through, no core has a copy, a
// descendant or a mapping of it.
//
//   program's slot   hold!, an anchor                        until other cores have let go
//   program's slot                --driver's revoke-->       only that, and our anchor, if another core owns it
#include "capabilities/rules.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/inherit.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using capabilities::Rights;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {

// Where a program has what it revokes.
struct Place {
    runtime::CNodeCap space;
    CapRef slot;
};

Result<Place> place_of(Monitor& m, base::DomainId domain, uint64_t slot) {
    DomainRecord* record = m.domains.find(domain);
    if (record == nullptr || record->program == nullptr) return Error::closed;
    return Place{runtime::CNodeCap{record->program->domain.root_cnode.ref()}, CapRef{slot}};
}

// In a CNode that was made of what it holds: it goes as soon as the driver comes to that, which ends the driver's revoke early.
bool lies_in_what_it_holds(const Place& at, const Capability& value) {
    if (at.slot.at_root()) return false;
    auto around = at.space.identify(CapRef::root_slot(at.slot.root_index()));
    return around.ok() && capabilities::descends_from(around.value(), value);
}

bool has(const Place& at, const Capability& value) {
    auto now = at.space.identify(at.slot);
    return now.ok() && capabilities::same_object(now.value(), value) && now->rights == value.rights;
}

// Where the program has moved it to meanwhile. False: it has it no more. Linear in the slots that the program has; only for one
// that empties the slot that it is having revoked.
bool follow(Place& at, const Capability& value) {
    for (uint32_t outer = 0; outer < capabilities::well_known::root_slots; ++outer) {
        auto around = at.space.identify(CapRef::root_slot(outer));
        bool cnode = around.ok() && around->type == capabilities::Type::cnode;
        uint32_t slots = cnode ? static_cast<uint32_t>(around->size / capabilities::slot_size) : 0;
        for (uint32_t i = 0; i < slots && i < capabilities::second_level_slots; ++i) {
            Place there{at.space, CapRef{outer, i}};
            if (there.slot.null() || !has(there, value)) continue;
            at = there;
            return true;
        }
    }
    return false;
}

bool is_shared(Monitor& m, const Capability& value) {
    for (const Exported& record : m.shared.exported.all()) {
        if (!record.object.empty() && record.anchor && takes(value, record.object)) return true;
    }
    for (const Imported& record : m.shared.imported.all()) {
        if (!record.object.empty() && takes(value, record.object)) return true;
    }
    RevokeList& revokes = m.shared.revokes;  // each has an anchor
    for (Revoke* revoke = revokes.front(); revoke != nullptr; revoke = revokes.next(*revoke)) {
        if (takes(value, revoke->object)) return true;
    }
    return false;
}

Status keep(Monitor& m, const Place& at, Revoke& revoke) {
    Owned copy = SKERRY_TRY(Owned::empty(m.self.slots));
    SKERRY_CHECK(at.space.fetch(copy.ref(), at.slot));
    SKERRY_CHECK(runtime::KernelCap{}.anchor(copy.ref(), Rights::all));
    revoke.hold = std::move(copy);
    return {};
}

Task<Status> take_back_at_owner(FramePool& pool, Monitor& m, base::CoreId core, Capability object) {
    auto connecting = connect(pool, m, core);
    auto owner = co_await connecting;
    if (!owner.ok()) co_return Error::closed;
    intermonitor::TakeBack request{std::bit_cast<Word4>(object)};
    auto call = owner.value()->link.call(request);
    auto taken = co_await call;
    co_return taken.error();
}

// Another core's memory: of the object itself, which takes what was made of it along, else of parts of it that we have given away.
Task<Status> take_back(FramePool& pool, Monitor& m, Revoke& revoke) {
    if (!m.shared.inheritance.untold.empty()) {
        auto telling = await_told(pool, m);
        Status told = co_await telling;
        (void)told.ok();
    }
    Imported* whole = m.shared.imported.find(revoke.object);
    for (Imported& record : m.shared.imported.all()) {
        bool ours = !record.object.empty() && takes(revoke.object, record.object);
        if (!ours || (whole != nullptr && whole != &record)) continue;
        auto taking = take_back_at_owner(pool, m, record.owner, record.object);
        Status taken = co_await taking;
        if (!holds(revoke.hold)) break;
        // Its owner may know of no holder here: then nobody else has it.
        if (!taken.ok() && taken.error() != Error::no_capability) co_return taken;
    }
    co_return Status{};
}

// Nobody else has it any more. What is left is the program's slot, and our hold as the anchor if another core owns it. If the
// program has deleted its slot meanwhile, all goes, as if it had done so afterwards. It runs between calls of ours: until the
// driver has found the slot as we did, we look again.
Status sweep(Monitor& m, Place at, Revoke& revoke) {
    SKERRY_ASSERT(holds(revoke.hold));
    const Capability value = revoke.object;
    release_holds(m, value, &revoke);
    for (Imported& record : m.shared.imported.all()) {
        if (!record.object.empty() && takes(value, record.object)) record.anchor.reset();
    }
    while (has(at, value) ? !lies_in_what_it_holds(at, value) : follow(at, value)) {
        Status revoked = at.space.revoke(at.slot, revoke.hold.ref());
        if (!revoked.ok() && !has(at, value)) continue;
        Imported* held = m.shared.imported.find(value);
        if (held != nullptr) held->anchor = std::move(revoke.hold);
        revoke.hold.reset();
        return revoked;
    }
    Status revoked = runtime::CNodeCap{}.revoke(revoke.hold.ref());
    revoke.hold.reset();  // what has no anchor is released
    return revoked;
}

// The other copies here go at once, up to the hold: whatever the program has of it later comes from this slot. The driver
// marks the anchor at which it stops as one that must make way, so the hold is made again, of itself: the slot may be empty now,
// and some copies have gone.
Status begin(Monitor& m, const Place& at, const Capability& value, Revoke& revoke) {
    SKERRY_CHECK(keep(m, at, revoke));
    if (lies_in_what_it_holds(at, value)) return {};
    release_holds(m, value, &revoke);
    Status stopped = at.space.revoke(at.slot);
    bool emptied = !stopped.ok() && !has(at, value);
    if (stopped.error() != Error::shared && !emptied) {
        revoke.hold.reset();
        return stopped.ok() ? Status{Error::again} : stopped;
    }
    Owned again;
    SKERRY_CHECK(anchor_here(m, again, revoke.hold.ref()));
    revoke.hold = std::move(again);
    return {};
}

bool revoked_through(Monitor& m, base::DomainId domain, CapRef slot) {
    RevokeList& revokes = m.shared.revokes;
    for (Revoke* revoke = revokes.front(); revoke != nullptr; revoke = revokes.next(*revoke)) {
        if (revoke->domain == domain && revoke->slot == slot.word) return true;
    }
    return false;
}

// One try. Errors: again (another revoke has come first; if that was through the very slot, this comes after it). Two through
// one slot take turns: each would take the other's hold when it begins, and have to begin anew, for ever.
Task<Status> revoke_shared(FramePool& pool, Monitor& m, base::DomainId domain, Place at, Capability value) {
    bool waited = false;
    for (; revoked_through(m, domain, at.slot); waited = true) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    if (waited) co_return Error::again;
    Revoking revoking(m, value);
    revoking.revoke.domain = domain;
    revoking.revoke.slot = at.slot.word;
    Status done = begin(m, at, value, revoking.revoke);
    if (!done.ok()) co_return done;
    if (owned_elsewhere(m, value)) {
        auto taking = take_back(pool, m, revoking.revoke);
        done = co_await taking;
    } else {
        if (inherits(m, value)) {
            auto settling = await_settled(pool, m, value);
            Status settled = co_await settling;
            if (!settled.ok()) co_return settled;
        }
        auto withdrawing = withdraw_within(pool, m, value, &revoking.revoke);
        done = co_await withdrawing;
    }
    if (!done.ok()) co_return done;
    if (!holds(revoking.revoke.hold)) co_return Error::again;
    if (auto still = place_of(m, domain, at.slot.word); !still.ok()) co_return still.error();
    co_return sweep(m, at, revoking.revoke);
}

}  // namespace

Shared<protocol::Revoked> revoke_everywhere(FramePool& pool, Monitor& m, base::DomainId domain, uint64_t slot) {
    Capability first;
    for (;;) {
        auto place = place_of(m, domain, slot);
        if (!place.ok()) co_return place.error();
        auto found = place->space.identify(place->slot);
        if (!found.ok()) co_return found.error();
        const Capability value = found.value();
        if (!first.empty() && !capabilities::same_object(value, first)) co_return Error::no_capability;
        bool alone = !is_shared(m, value) && !lies_in_what_it_holds(place.value(), value);
        Status revoked;
        if (alone || !capabilities::usable(value, value.type, Rights::revoke)) {
            revoked = place->space.revoke(place->slot);
        } else {
            auto revoking = revoke_shared(pool, m, domain, place.value(), value);
            revoked = co_await revoking;
        }
        if (revoked.ok()) co_return protocol::Revoked{};
        if (revoked.error() != Error::again) co_return revoked.error();
        first = value;
    }
}

}  // namespace skerry::monitor
