// Retype of memory that other cores hold, too: all who hold it agree first that nobody has made anything of that range. The
// owner decides, in its turn at the object; whoever asked makes it when it hears the decision, from its anchor.
//
//   maker's monitor            owner                             every holder, down a tree and back
//     Claim(range) ----------->  enter, wait for the turn
//                                own part: is the range free?
//                                Agree(prepare) ---------------->  the same; promises
//     <--- Agree(decide) ------  Agree(decide) ----------------->  the maker makes it, the others know
//     <------------- Claimed --  leave
//
// While the owner has this turn no other retype of the object has one, and programs' own are refused by their drivers, which
// stop at anchors: so a range that was free when a holder promised is free until the decision.
#include "capabilities/rules.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/inherit.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using agreement::Answer;
using agreement::OperationId;
using agreement::Stage;
using base::Error;
using base::Result;
using base::Status;
using capabilities::Rights;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {

Result<runtime::CNodeCap> space_of(Monitor& m, base::DomainId domain) {
    DomainRecord* record = m.domains.find(domain);
    if (record == nullptr || record->program == nullptr) return Error::closed;
    return runtime::CNodeCap{record->program->domain.root_cnode.ref()};
}

Error range_is_free(const Owned& anchor, uint64_t offset, uint64_t bytes) {
    auto relations = runtime::KernelCap{}.relations(anchor.ref(), offset, bytes);
    if (!relations.ok()) return relations.error();
    return relations->in_range ? Error::overlaps : Error::none;
}

Status retype_in(runtime::CNodeCap space, CapRef source, const protocol::Retype& r) {
    if (r.type >= capabilities::type_count || r.level > 0xff) return Error::invalid_argument;
    return space.retype(CapRef{r.destination}, source, static_cast<capabilities::Type>(r.type), r.level, r.offset,
                        r.size, r.count);
}

// From the anchor, which meanwhile has no more rights than the program's own capability.
Status make_from(Monitor& m, Owned& anchor, const Wish& wish) {
    auto space = space_of(m, wish.domain);
    if (!space.ok()) return space.error();
    SKERRY_CHECK(runtime::KernelCap{}.anchor(anchor.ref(), wish.rights));
    Status made = retype_in(space.value(), anchor.ref(), wish.request);
    Status widened = runtime::KernelCap{}.anchor(anchor.ref(), Rights::all);
    SKERRY_ASSERT(widened.ok());
    return made;
}

// At the owner, in the turn. Errors: overlaps, full, closed (a core did not answer: it is not done).
Task<Status> decide_on_range(FramePool& pool, Monitor& m, Exported& record, intermonitor::Agree order,
                             CoreSet members) {
    if (Error taken = range_is_free(record.anchor, order.offset, order.size); taken != Error::none) co_return taken;
    Proposals& proposals = m.shared.proposals;
    while (proposals.full()) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    order.object = std::bit_cast<Word4>(record.object);
    order.number = proposals.begin();
    order.kind = intermonitor::OrderKind::prepare;
    order.concluded = proposals.all_over_below();
    auto preparing = agree(pool, m, order, members);
    auto votes = co_await preparing;
    Answer merged{votes.error(), 0, 0, 0};
    if (votes.ok()) merged = votes.value();
    order.kind = intermonitor::OrderKind::decide;
    // Somebody's part of what was in the way may be gone already, because all of it is being taken away.
    bool late = merged.error == Error::none && (under_revoke(m, record.object) || is_recalled(m, record.object));
    order.commit = !late && agreement::decided(merged.error, merged.lost) == Stage::committed;
    auto deciding = agree(pool, m, order, members);
    auto told = co_await deciding;
    proposals.end(order.number);
    m.changed.set();
    if (merged.error != Error::none) co_return merged.error;
    if (late) co_return Error::again;
    (void)told.ok();  // a core that is lost need not know
    co_return order.commit ? Error::none : Error::closed;
}

// Without those that are lost meanwhile.
Task<Status> agree_on_range(FramePool& pool, Monitor& m, Exported& record, intermonitor::Agree order) {
    for (;;) {
        CoreSet members = record.sharing.holders();
        auto deciding = decide_on_range(pool, m, record, order, members);
        Status decided = co_await deciding;
        if (decided.error() != Error::closed) co_return decided;
        auto waiting = await_loss(pool, m, record, members);
        Status lost = co_await waiting;
        if (!lost.ok()) co_return lost;
    }
}

// For a program of this core, which owns the memory. `again`: nobody else holds it any more.
Task<Status> retype_at_owner(FramePool& pool, Monitor& m, const Wish& wish, Capability object) {
    if (inherits(m, object)) {
        bool waits = !m.shared.inheritance.settled();
        auto settling = await_settled(pool, m, object);
        Status settled = co_await settling;
        if (!settled.ok()) co_return settled.error();
        if (waits) co_return Error::again;  // our own anchor may have been all that was in the way
    }
    Exported* record = m.shared.exported.find(object);
    if (record == nullptr) co_return Error::refused;
    Turn turn(m, *record);
    if (turn.refused()) co_return Error::full;
    while (!turn.now()) {
        auto wait = turn.wait();
        co_await wait;
    }
    if (!record->anchor || !holds(wish.source)) co_return Error::again;
    if (is_recalled(m, object)) co_return Error::no_capability;
    intermonitor::Agree order{};
    order.maker = m.core;
    order.offset = wish.request.offset;
    order.size = wish.request.size * wish.request.count;
    auto agreeing = agree_on_range(pool, m, *record, order);
    Status agreed = co_await agreeing;
    if (!agreed.ok()) co_return agreed;
    if (!holds(wish.source)) co_return Error::again;
    co_return make_from(m, record->anchor, wish);
}

// For a program of this core, which is a holder.
Task<Status> retype_at_holder(FramePool& pool, Monitor& m, Wish& wish, Capability object) {
    if (!m.shared.inheritance.untold.empty()) {
        auto telling = await_told(pool, m);
        Status told = co_await telling;
        (void)told.ok();
    }
    Imported* held = m.shared.imported.find(object);
    if (held == nullptr) co_return Error::refused;
    auto connecting = connect(pool, m, held->owner);
    auto owner = co_await connecting;
    if (!owner.ok()) co_return Error::closed;
    m.shared.wishes.push_back(wish);
    wish.number = ++m.shared.last_wish;
    uint64_t bytes = wish.request.size * wish.request.count;
    intermonitor::Claim request{std::bit_cast<Word4>(object), wish.request.offset, bytes, wish.number};
    auto call = owner.value()->link.call(request);
    auto claimed = co_await call;
    WishList::remove(wish);
    // If a revoke has taken our copy meanwhile, the slot says whether that was through the slot itself.
    if (!holds(wish.source)) co_return claimed.ok() && wish.made.ok() ? wish.made : Status{Error::again};
    // An owner that was lost after it had decided: the decision holds.
    if (!claimed.ok() && !wish.made.ok()) co_return claimed.error();
    co_return wish.made;
}

// What its own capability allows; `shared` if others must be asked.
Status retype_here(Monitor& m, Wish& wish, Capability& object) {
    auto space = space_of(m, wish.domain);
    if (!space.ok()) return space.error();
    wish.source = SKERRY_TRY(Owned::empty(m.self.slots));
    SKERRY_CHECK(space.value().fetch(wish.source.ref(), CapRef{wish.request.source}));
    Status made = retype_in(space.value(), wish.source.ref(), wish.request);
    auto words = words_of(wish.source.ref());
    if (!words.ok()) return words.error();
    object = std::bit_cast<Capability>(words.value());
    wish.rights = object.rights;
    return made;
}

}  // namespace

Shared<protocol::Retyped> retype_everywhere(FramePool& pool, Monitor& m, base::DomainId domain,
                                            protocol::Retype request) {
    Wish wish;
    wish.domain = domain;
    wish.request = request;
    for (;;) {
        Capability object;
        Status made = retype_here(m, wish, object);
        if (made.ok()) co_return protocol::Retyped{};
        if (made.error() != Error::shared) co_return made.error();
        if (under_revoke(m, object)) {  // then the slot tells
            auto wait = m.loop.timers().wait(m.changed, 0);
            co_await wait;
            continue;
        }
        if (owned_elsewhere(m, object)) {
            auto asking = retype_at_holder(pool, m, wish, object);
            made = co_await asking;
        } else {
            auto deciding = retype_at_owner(pool, m, wish, object);
            made = co_await deciding;
        }
        if (made.ok()) co_return protocol::Retyped{};
        if (made.error() != Error::again) co_return made.error();
    }
}

Shared<intermonitor::Claimed> retype_for(FramePool& pool, Monitor& m, base::CoreId holder,
                                         intermonitor::Claim request) {
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
    bool goes = under_revoke(m, record->object) || is_recalled(m, record->object);
    if (goes || !record->sharing.holders().contains(holder)) co_return Error::no_capability;
    intermonitor::Agree order{};
    order.maker = holder;
    order.wish = request.wish;
    order.offset = request.offset;
    order.size = request.size;
    auto agreeing = agree_on_range(pool, m, *record, order);
    Status agreed = co_await agreeing;
    if (!agreed.ok()) co_return agreed.error();
    co_return intermonitor::Claimed{};
}

Answer take_prepare(Monitor& m, const intermonitor::Agree& order) {
    if (m.lost.contains(order.root)) return {Error::closed, 1, 0, 0};  // passed on late: nobody will decide it
    Imported* held = m.shared.imported.find(std::bit_cast<Capability>(order.object));
    Error vote = held == nullptr || !held->anchor ? Error::none : range_is_free(held->anchor, order.offset, order.size);
    OperationId id{order.root, order.number};
    m.shared.ballots.forget(order.root, order.concluded);
    return {m.shared.ballots.prepare(id, CoreSet::of(order.below), vote), 1, 0, 0};
}

Answer take_decision(Monitor& m, const intermonitor::Agree& order) {
    Stage decision = order.commit ? Stage::committed : Stage::aborted;
    bool now = m.shared.ballots.decide({order.root, order.number}, order.root, decision);
    if (!now || !order.commit || order.maker != m.core) return {Error::none, 1, 0, 0};
    Imported* held = m.shared.imported.find(std::bit_cast<Capability>(order.object));
    for (Wish* wish = m.shared.wishes.front(); wish != nullptr; wish = m.shared.wishes.next(*wish)) {
        if (wish->number != order.wish) continue;
        bool there = held != nullptr && held->anchor && holds(wish->source);
        wish->made = there ? make_from(m, held->anchor, *wish) : Status{Error::again};
    }
    return {Error::none, 1, 0, 0};
}

}  // namespace skerry::monitor
