// Capabilities to memory that several cores hold: monitor/agreement/agreement.md draws who agrees about what.
//
//   copy_out     a copy goes to a program of another core; the owner sends it
//   revoke       all copies and descendants on all cores but one slot
//   withdraw     ... the owner's part of it
//   release      the last of it at a holder is gone
//   retype       an object is made of it: nobody else has made anything of the same range
//   agree        an order to a set of cores, down a tree and back
#pragma once

#include "monitor/agreement/round.hpp"
#include "monitor/monitor.hpp"

namespace skerry::monitor {

template <typename T>
using Shared = urpc::Task<base::Result<T>>;

// --- agree.cpp ---
// Has the members carry out the order, and waits for all. `order.below` is set here.
urpc::Task<base::Result<agreement::Answer>> agree(urpc::FramePool& pool, Monitor& monitor,
                                                  urpc::intermonitor::Agree order, CoreSet members);
// At a member: its part, and those of the cores below it.
Shared<urpc::intermonitor::Agreed> take_part(urpc::FramePool& pool, Monitor& monitor, urpc::intermonitor::Agree order);

// Along the tree that came with it.
Shared<urpc::intermonitor::Agreed> take_part_along(urpc::FramePool& pool, Monitor& monitor,
                                                   urpc::intermonitor::AgreeAlong request);

// --- copy_out.cpp ---
// `cap`: a copy in a slot of ours. To the end `channel` at another core's monitor, with at most `rights`. -> the slot that
// it lies in there. Errors: full (no slot is offered there, or too much is shared already), closed, no_capability (it
// was taken back meanwhile), refused (it is not ours to pass on), unsupported.
Shared<uint64_t> copy_out(urpc::FramePool& pool, Monitor& monitor, CapRef cap, base::CoreId core, uint64_t channel,
                          capabilities::Rights rights);
// At the owner, for a holder that wants another core, or a program of ours, to have a copy.
Shared<urpc::intermonitor::Delivered> copy_out_for(urpc::FramePool& pool, Monitor& monitor, base::CoreId holder,
                                                   urpc::intermonitor::CopyOut request);
// At the receiver: `owner` sends a copy of something of its.
base::Result<urpc::intermonitor::Delivered> take_copy(Monitor& monitor, base::CoreId owner,
                                                      const urpc::intermonitor::Deliver& request);

// --- parts.cpp ---
// An anchor like `cap`, a copy of ours.
base::Status anchor_here(Monitor& monitor, Owned& anchor, CapRef cap);
// One of what we know by its words alone, with all rights of its type. Errors: those of Kernel.create.
base::Result<Owned> anchor_made_of(Monitor& monitor, Capability object);
// A part that was made here, by agreement, of memory of another core's that we hold: from now on it has an anchor and a
// record of its own. Null: it is of nothing that we keep book of, or there is no room.
Imported* adopt_part(Monitor& monitor, CapRef cap, const Capability& value);
// Before such a part leaves: whatever it was made of here that is on nobody's books. What lies in that is another core's then, and
// is forgotten here with our last capability to it; so the outer one would be revoked, or made into something else, by this core
// alone. Errors: full, no_capability (all is being taken away), closed.
urpc::Task<base::Status> declare_around(urpc::FramePool& pool, Monitor& monitor, Capability value, base::CoreId owner);
// At the owner, for a holder.
base::Result<urpc::intermonitor::Declared> declare_for(Monitor& monitor, base::CoreId holder,
                                                       const urpc::intermonitor::Declare& request);
// At the owner, of whose memory `holder` has made this part. Whatever lies in that range was made of it, and may have become
// known here before it did: so it is not made of its ancestor, but put around that.
// Null: it holds nothing of which it could be, or there is no room.
Exported* export_part(Monitor& monitor, base::CoreId holder, const Capability& value);
// At the owner: an object that others have of its memory, put on the books with an anchor of its own. Null: no room.
Exported* export_unknown(Monitor& monitor, Capability object);

// --- revoke.cpp ---
// Of a program's slot. Errors: those of CNode.revoke.
Shared<urpc::monitor::Revoked> revoke_everywhere(urpc::FramePool& pool, Monitor& monitor, base::DomainId domain,
                                                 uint64_t slot);

// --- withdraw.cpp: at the owner ---
// For a holder: from all but it.
Shared<urpc::intermonitor::TakenBack> revoke_for(urpc::FramePool& pool, Monitor& monitor, base::CoreId holder,
                                                 urpc::intermonitor::TakeBack request);
// From all holders: of `object`, and of what was made of it, the outermost first. Ends early once `revoke`, if there is one,
// has lost its hold. Errors: full, closed (a core does not answer; what it holds stays on the books).
urpc::Task<base::Status> withdraw_within(urpc::FramePool& pool, Monitor& monitor, Capability object,
                                         const Revoke* revoke);
// Every anchor at which a revoke of the driver's has stopped: those who hold it let go, and it is deleted.
urpc::Task<base::Status> finish_revokes(urpc::FramePool& pool, Monitor& monitor);

// Whether a revoke that this monitor carries out takes the object.
bool under_revoke(Monitor& monitor, const Capability& object);
// ... or one at which the driver has stopped, of memory that went back.
bool is_recalled(Monitor& monitor, const Capability& object);
// What revokes other than `but` hold of the object, and of what was made of it.
void release_holds(Monitor& monitor, const Capability& object, const Revoke* but = nullptr);
// There, and not taken away.
bool holds(const Owned& cap);
inline bool takes(const Capability& revoked, const Capability& object) {
    return capabilities::same_object(object, revoked) || capabilities::descends_from(object, revoked);
}

// --- lost_holder.cpp: at the owner, in a turn ---
// Some member's link was closed. Until one of them holds it no more, because its core is lost. Errors: closed (none is).
urpc::Task<base::Status> await_loss(urpc::FramePool& pool, Monitor& monitor, const Exported& record, CoreSet members);

// --- release.cpp ---
// After the driver said that something changed: revokes that stopped are finished, what is left of nothing is released.
urpc::Task<base::Status> sweep_shared(urpc::FramePool& pool, Monitor& monitor);
// At a holder that has only its anchor of the object, or had at `arrival`.
urpc::Task<base::Status> release_one(urpc::FramePool& pool, Monitor& monitor, base::CoreId owner, Capability object,
                                     uint64_t arrival);
Shared<urpc::intermonitor::Released> release_for(urpc::FramePool& pool, Monitor& monitor, base::CoreId holder,
                                                 urpc::intermonitor::Release request);

// --- retype.cpp ---
// For a program. Errors: as of urpc::monitor::Retype.
Shared<urpc::monitor::Retyped> retype_everywhere(urpc::FramePool& pool, Monitor& monitor, base::DomainId domain,
                                                 urpc::monitor::Retype request);
// At the owner, for a holder.
Shared<urpc::intermonitor::Claimed> retype_for(urpc::FramePool& pool, Monitor& monitor, base::CoreId holder,
                                               urpc::intermonitor::Claim request);
// At a holder, the two phases.
agreement::Answer take_prepare(Monitor& monitor, const urpc::intermonitor::Agree& order);
agreement::Answer take_decision(Monitor& monitor, const urpc::intermonitor::Agree& order);

// A member's own part of an order.
agreement::Answer perform_order(Monitor& monitor, const urpc::intermonitor::Agree& order);
// A record of an object of `owner`'s, without an anchor yet. Errors: full.
base::Result<Imported*> add_imported(Monitor& monitor, const Capability& object, base::CoreId owner);
// Nothing but the anchor is left of it here.
void drop_imported(Monitor& monitor, Imported& record);
// The owner does not count us as a holder: so it said of what was here at that arrival, and its answer may come after a copy
// that it has sent since. True: there was nothing newer, and it is dropped.
bool forget_arrival(Monitor& monitor, const Capability& object, uint64_t arrival);

// In the list of those that are under way, from construction to destruction.
class Revoking {
  public:
    Revoking(Monitor& monitor, const Capability& object) : monitor_(monitor) {
        revoke.object = object;
        monitor.shared.revokes.push_back(revoke);
    }
    Revoking(const Revoking&) = delete;
    Revoking& operator=(const Revoking&) = delete;
    ~Revoking() {
        RevokeList::remove(revoke);
        monitor_.changed.set();
    }
    Revoke revoke;

  private:
    Monitor& monitor_;
};

// Waits for its turn at an object of ours, from construction to destruction in the frame of a coroutine:
//   Turn turn(monitor, object);  while (!turn.now()) { auto wait = turn.wait(); co_await wait; }
class Turn {
  public:
    Turn(Monitor& monitor, Exported& record)
        : monitor_(monitor), record_(record), ticket_(record.sharing.full() ? 0 : record.sharing.enter()) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() {
        if (ticket_ == 0) return;
        SKERRY_ASSERT(now());
        record_.sharing.leave();
        if (record_.sharing.holders().empty()) record_.anchor.reset();
        if (record_.sharing.holders().empty() && record_.sharing.idle()) monitor_.shared.exported.remove(record_);
        monitor_.changed.set();
    }
    bool refused() const { return ticket_ == 0; }
    bool now() const { return record_.sharing.turn(ticket_); }
    TimedWait wait() { return monitor_.loop.timers().wait(monitor_.changed, 0); }

  private:
    Monitor& monitor_;
    Exported& record_;
    uint64_t ticket_;
};

}  // namespace skerry::monitor
