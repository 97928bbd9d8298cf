// Parts of memory that several cores hold, made by a holder when all had agreed. Nobody has them on the books until they leave.
//
//   RAM, of the owner's             on the books: the owner, and all who hold it
//    '- part, made here             declared, with its anchor, when something of it leaves
//        '- part of that            adopted here, and exported by the owner, when it leaves for another core itself
#include "capabilities/rules.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/sharing.hpp"
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

// The innermost memory here of which it is a part, as long as that is on nobody's books. Type null: none.
Capability unknown_around(Monitor& m, const Capability& value) {
    Imported* held = m.shared.imported.find(value);
    if (held == nullptr || !held->anchor) return {};
    auto relations = runtime::KernelCap{}.relations(held->anchor.ref());
    if (!relations.ok() || relations->around_bytes == 0) return {};
    Capability around{.type = capabilities::Type::ram,
                      .rights = capabilities::info(capabilities::Type::ram).rights,
                      .base = relations->around_base,
                      .size = relations->around_bytes};
    return m.shared.imported.find(around) == nullptr ? around : Capability{};
}

// -> its arrival.
Result<uint64_t> anchor_unknown(Monitor& m, const Capability& object, base::CoreId owner) {
    Owned anchor = SKERRY_TRY(anchor_made_of(m, object));
    Imported* record = SKERRY_TRY(add_imported(m, object, owner));
    record->anchor = std::move(anchor);
    return record->arrival;
}

}  // namespace

Status anchor_here(Monitor& m, Owned& anchor, CapRef cap) {
    Owned copy = SKERRY_TRY(copy_of(m.self, cap));
    SKERRY_CHECK(runtime::KernelCap{}.anchor(copy.ref(), Rights::all));
    anchor = std::move(copy);
    return {};
}

Result<Owned> anchor_made_of(Monitor& m, Capability object) {
    object.rights = capabilities::info(object.type).rights;
    Owned anchor = SKERRY_TRY(made_of(m.self, std::bit_cast<Word4>(object)));
    SKERRY_CHECK(runtime::KernelCap{}.anchor(anchor.ref(), Rights::all));
    return anchor;
}

Imported* adopt_part(Monitor& m, CapRef cap, const Capability& value) {
    const Imported* outer = nullptr;
    for (const Imported& record : m.shared.imported.all()) {
        if (!record.object.empty() && capabilities::descends_from(value, record.object)) outer = &record;
    }
    if (outer == nullptr) return nullptr;
    base::CoreId owner = outer->owner;
    auto added = add_imported(m, value, owner);
    if (!added.ok()) return nullptr;
    Imported* part = added.value();
    if (anchor_here(m, part->anchor, cap).ok()) return part;
    drop_imported(m, *part);
    return nullptr;
}

Task<Status> declare_around(FramePool& pool, Monitor& m, Capability value, base::CoreId owner) {
    for (;;) {
        value = unknown_around(m, value);
        if (value.empty()) co_return Status{};
        auto arrival = anchor_unknown(m, value, owner);
        if (!arrival.ok()) co_return arrival.error();
        auto connecting = connect(pool, m, owner);
        auto peer = co_await connecting;
        Status declared = peer.ok() ? Status{} : Status{Error::closed};
        if (peer.ok()) {
            intermonitor::Declare request{std::bit_cast<Word4>(value)};
            auto call = peer.value()->link.call(request);
            auto answer = co_await call;
            declared = answer.error();
        }
        if (declared.ok()) continue;
        (void)forget_arrival(m, value, arrival.value());
        co_return declared;
    }
}

Exported* export_part(Monitor& m, base::CoreId holder, const Capability& value) {
    bool known = false;
    for (const Exported& record : m.shared.exported.all()) {
        known = known || (!record.object.empty() && record.anchor && record.sharing.holders().contains(holder) &&
                          capabilities::descends_from(value, record.object));
    }
    return known ? export_unknown(m, value) : nullptr;
}

Exported* export_unknown(Monitor& m, Capability object) {
    object.flags = 0;
    object.rights = capabilities::info(object.type).rights;
    auto made = anchor_made_of(m, object);
    if (!made.ok()) return nullptr;
    auto added = m.shared.exported.add(object);
    if (!added.ok()) return nullptr;
    added.value()->anchor = std::move(made).value();
    return added.value();
}

Result<intermonitor::Declared> declare_for(Monitor& m, base::CoreId holder, const intermonitor::Declare& request) {
    auto object = std::bit_cast<Capability>(request.object);
    if (under_revoke(m, object) || is_recalled(m, object)) return Error::no_capability;
    Exported* record = m.shared.exported.find(object);
    if (record == nullptr) record = export_part(m, holder, object);
    if (record == nullptr) return Error::no_capability;
    record->sharing.declared(holder);
    return intermonitor::Declared{};
}

}  // namespace skerry::monitor
