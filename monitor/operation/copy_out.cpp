// A copy of memory goes to another core: always from the owner, in its turn at the object.
//
//   sender's monitor           owner's monitor                receiver's monitor
//     CopyOut ---------------->  enter, wait for the turn        (a sender that is the owner begins here)
//                                c into the set of holders
//                                Deliver ------------------------>  anchor, copy into an offered slot
//                                <------------------- Delivered --
//     <-------------- Delivered  leave
#include "capabilities/rules.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/hand_over.hpp"
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

namespace {

// The frame of a channel goes when the channel does; that protocol keeps its own book (release_channel.cpp).
bool of_a_channel(Monitor& m, const Capability& value) {
    return m.channels.any_frame(
        [&](uint64_t base, uint64_t bytes) { return value.base < base + bytes && base < value.end(); });
}

bool holds_at(CapRef cap) {
    auto value = runtime::CNodeCap{}.identify(cap);
    return value.ok() && !value->empty();
}

// In the turn. `cap` null: the anchor is there.
Task<Result<uint64_t>> send_copy(FramePool& pool, Monitor& m, Exported& record, Capability value, CapRef cap,
                                 base::CoreId core, uint64_t channel) {
    if (!record.anchor) {
        Status anchored = cap.null() ? Status{Error::no_capability} : anchor_here(m, record.anchor, cap);
        if (!anchored.ok()) co_return anchored.error();
    }
    if (core == m.core) co_return put_into_offer(m, channel, record.anchor.ref(), value.rights);
    record.sharing.begin_copy(core);
    auto connecting = connect(pool, m, core);
    auto peer = co_await connecting;
    Result<intermonitor::Delivered> delivered{Error::refused};
    if (peer.ok()) {
        value.flags = 0;
        intermonitor::Deliver request{channel, std::bit_cast<Word4>(value), true};
        auto call = peer.value()->link.call(request);
        delivered = co_await call;
    }
    // Nobody knows what a monitor has done whose channel ended; one that answers so has not taken it.
    bool unknown = delivered.error() == Error::closed && m.peers.find(core) == nullptr;
    record.sharing.end_copy(delivered.ok() || unknown);
    if (!delivered.ok()) co_return peer.ok() ? delivered.error() : Error::closed;
    co_return delivered->slot;
}

// Of ours. Errors: again (a revoke has begun before its turn came).
Shared<uint64_t> copy_out_as_owner(FramePool& pool, Monitor& m, Capability value, CapRef cap, base::CoreId core,
                                   uint64_t channel) {
    Exported* record = m.shared.exported.find(value);
    if (record == nullptr) {
        auto added = m.shared.exported.add(value);
        if (!added.ok()) co_return added.error();
        record = added.value();
    }
    Turn turn(m, *record);
    if (turn.refused()) co_return Error::full;
    while (!turn.now()) {
        auto wait = turn.wait();
        co_await wait;
    }
    if (under_revoke(m, value)) co_return Error::again;
    if (!holds_at(cap) || is_recalled(m, value)) co_return Error::no_capability;
    auto sending = send_copy(pool, m, *record, value, cap, core, channel);
    auto slot = co_await sending;
    co_return slot;
}

Shared<uint64_t> copy_out_as_holder(FramePool& pool, Monitor& m, Capability value, CapRef cap, base::CoreId core,
                                    uint64_t channel) {
    if (!m.shared.inheritance.untold.empty()) {
        auto telling = await_told(pool, m);
        Status told = co_await telling;
        (void)told.ok();
    }
    Imported* held = m.shared.imported.find(value);
    bool part = held == nullptr;
    if (part) held = adopt_part(m, cap, value);
    if (held == nullptr) co_return Error::refused;
    if (part) {
        auto declaring = declare_around(pool, m, value, held->owner);
        Status declared = co_await declaring;
        if (!declared.ok()) co_return declared.error();
        held = m.shared.imported.find(value);
        if (held == nullptr) co_return Error::no_capability;  // it was taken back meanwhile
    }
    auto connecting = connect(pool, m, held->owner);
    auto owner = co_await connecting;
    if (!owner.ok()) co_return Error::closed;
    intermonitor::CopyOut request{std::bit_cast<Word4>(value), core, channel};
    auto call = owner.value()->link.call(request);
    auto delivered = co_await call;
    if (!delivered.ok()) co_return delivered.error();
    co_return delivered->slot;
}

}  // namespace

Shared<uint64_t> copy_out(FramePool& pool, Monitor& m, CapRef cap, base::CoreId core, uint64_t channel, Rights rights) {
    auto words = words_of(cap);
    if (!words.ok()) co_return words.error();
    auto value = std::bit_cast<Capability>(words.value());
    if (!capabilities::foreign(value) && of_a_channel(m, value)) co_return Error::refused;
    value.rights = value.rights & rights;
    if (inherits(m, value)) {
        auto settling = await_settled(pool, m, value);
        Status settled = co_await settling;
        if (!settled.ok()) co_return settled.error();
    }
    for (;;) {
        while (under_revoke(m, value)) {
            auto wait = m.loop.timers().wait(m.changed, 0);
            co_await wait;
        }
        if (!holds_at(cap)) co_return Error::no_capability;
        if (owned_elsewhere(m, value)) {
            auto asking = copy_out_as_holder(pool, m, value, cap, core, channel);
            auto slot = co_await asking;
            co_return slot;
        }
        auto sending = copy_out_as_owner(pool, m, value, cap, core, channel);
        auto slot = co_await sending;
        if (slot.error() != Error::again) co_return slot;
    }
}

Shared<intermonitor::Delivered> copy_out_for(FramePool& pool, Monitor& m, base::CoreId holder,
                                             intermonitor::CopyOut request) {
    auto value = std::bit_cast<Capability>(request.object);
    if (inherits(m, value)) {
        auto settling = await_settled(pool, m, value);
        Status settled = co_await settling;
        if (!settled.ok()) co_return settled.error();
    }
    Exported* record = m.shared.exported.find(value);
    bool new_part = record == nullptr;
    if (new_part) record = export_part(m, holder, value);
    if (record == nullptr) co_return Error::no_capability;
    Turn turn(m, *record);
    if (turn.refused()) co_return Error::full;
    while (!turn.now()) {
        auto wait = turn.wait();
        co_await wait;
    }
    if (m.lost.contains(holder)) co_return Error::closed;
    if (new_part) {
        record->sharing.begin_copy(holder);
        record->sharing.end_copy(true);
    }
    // While all around it is being taken away, nothing comes to places that this has emptied.
    bool goes = under_revoke(m, value) || is_recalled(m, value);
    if (goes || !record->sharing.holders().contains(holder)) co_return Error::no_capability;
    auto sending = send_copy(pool, m, *record, value, {}, request.core, request.channel);
    auto slot = co_await sending;
    if (!slot.ok()) co_return slot.error();
    co_return intermonitor::Delivered{slot.value()};
}

Result<uint64_t> take_copy_into(Monitor& m, Imported& held, const intermonitor::Deliver& request) {
    auto value = std::bit_cast<Capability>(request.capability);
    if (!held.anchor) held.anchor = SKERRY_TRY(anchor_made_of(m, value));
    return put_into_offer(m, request.channel, held.anchor.ref(), value.rights);
}

Result<intermonitor::Delivered> take_copy(Monitor& m, base::CoreId owner, const intermonitor::Deliver& request) {
    auto value = std::bit_cast<Capability>(request.capability);
    Imported* held = m.shared.imported.find(value);
    bool fresh = held == nullptr;
    if (fresh) held = SKERRY_TRY(add_imported(m, value, owner));
    SKERRY_ASSERT(held->owner == owner);
    Result<uint64_t> slot = take_copy_into(m, *held, request);
    if (slot.ok()) {
        held->arrival = ++m.shared.arrivals;
        return intermonitor::Delivered{slot.value()};
    }
    if (fresh) drop_imported(m, *held);
    return slot.error();
}

Result<Imported*> add_imported(Monitor& m, const Capability& object, base::CoreId owner) {
    Imported* record = SKERRY_TRY(m.shared.imported.add(object));
    record->owner = owner;
    record->arrival = ++m.shared.arrivals;
    return record;
}

void drop_imported(Monitor& m, Imported& record) {
    record.anchor.reset();
    m.shared.imported.remove(record);
}

bool forget_arrival(Monitor& m, const Capability& object, uint64_t arrival) {
    Imported* record = m.shared.imported.find(object);
    SKERRY_ASSERT(arrival != 0 && arrival <= m.shared.arrivals);
    if (record == nullptr || record->arrival != arrival) return false;
    drop_imported(m, *record);
    return true;
}

}  // namespace skerry::monitor
