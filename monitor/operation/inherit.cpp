#include "monitor/operation/inherit.hpp"

#include <optional>
#include <utility>

#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;

namespace {

bool lies_in(const CoreEntry& entry, const Capability& object) {
    return object.base >= entry.memory_base && object.end() <= entry.memory_base + entry.memory_bytes;
}

// The lost core whose memory it is.
std::optional<base::CoreId> lost_home(const Monitor& m, const Capability& object) {
    for (CoreSet rest = m.lost; !rest.empty();) {
        base::CoreId core = rest.take();
        if (lies_in(m.cores.cores[core.value], object)) return core;
    }
    return {};
}

// Others' holdings are in the books now, with anchors of their own; what only programs of this core have needs none.
void settle(Monitor& m) {
    Inheritance& inheritance = m.shared.inheritance;
    if (!inheritance.settled()) return;
    for (Imported& record : m.shared.imported.all()) {
        if (record.object.empty() || !m.lost.contains(record.owner)) continue;
        if (!inheritance.disowned.contains(record.owner)) drop_imported(m, record);
    }
    m.shared.changes_seen = ~uint64_t{0};  // what waited for it is looked at again
    m.changed.set();
}

Imported* first_of(Monitor& m, base::CoreId lost) {
    for (Imported& record : m.shared.imported.all()) {
        if (!record.object.empty() && record.owner == lost) return &record;
    }
    return nullptr;
}

Task<Status> tell(FramePool&, Monitor& m, intermonitor::Inherit request) {
    Peer* heir = m.peers.find(m.directory);
    if (heir == nullptr) co_return Error::closed;
    auto call = heir->link.call(request);
    auto taken = co_await call;
    co_return taken.error();
}

// What we hold does not change meanwhile: only its owner could take it, and releases wait (undecided).
Task<Status> tell_of(FramePool& pool, Monitor& m, base::CoreId lost) {
    while (Imported* record = first_of(m, lost)) {
        auto telling = tell(pool, m, {lost, std::bit_cast<Word4>(record->object)});
        Status taken = co_await telling;
        if (!taken.ok()) break;
        SKERRY_ASSERT(record->owner == lost);
        record->owner = m.directory;
    }
    auto ending = tell(pool, m, {lost, {}});
    Status ended = co_await ending;
    co_return ended;
}

Task<Status> tell_all(FramePool& pool, Monitor& m) {
    Inheritance& inheritance = m.shared.inheritance;
    while (!inheritance.untold.empty()) {
        CoreSet rest = inheritance.untold;
        base::CoreId lost = rest.take();
        auto telling = tell_of(pool, m, lost);
        Status told = co_await telling;
        (void)told.ok();  // what has no owner now is dropped when nothing is left of it
        inheritance.untold.remove(lost);
        m.shared.changes_seen = ~uint64_t{0};  // what waited for it is looked at again
        m.changed.set();
    }
    inheritance.telling = false;
    co_return Status{};
}

}  // namespace

bool inherits(const Monitor& m, const Capability& object) {
    return m.is_directory() && !m.lost.empty() && lost_home(m, object).has_value();
}

bool undecided(const Monitor& m, base::CoreId lost) {
    const Inheritance& inheritance = m.shared.inheritance;
    return m.is_directory() ? !inheritance.settled() : inheritance.untold.contains(lost);
}

Task<Status> await_settled(FramePool&, Monitor& m, Capability object) {
    while (!m.shared.inheritance.settled()) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    auto home = lost_home(m, object);
    bool disowned = home && m.shared.inheritance.disowned.contains(*home);
    co_return disowned ? Status{Error::closed} : Status{};
}

Task<Status> await_told(FramePool&, Monitor& m) {
    while (!m.shared.inheritance.untold.empty()) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    co_return Status{};
}

void expect_told(Monitor& m, base::CoreId lost, CoreSet tellers) {
    SKERRY_ASSERT(m.is_directory() && m.lost.contains(lost) && !tellers.contains(m.core));
    Inheritance& inheritance = m.shared.inheritance;
    while (!tellers.empty()) {
        ++inheritance.awaited[tellers.take().value];
        ++inheritance.awaited_sum;
    }
    settle(m);
}

void expect_no_more(Monitor& m, base::CoreId lost_teller) {
    Inheritance& inheritance = m.shared.inheritance;
    inheritance.awaited_sum -= std::exchange(inheritance.awaited[lost_teller.value], uint16_t{0});
}

Result<intermonitor::Inherited> take_over(Monitor& m, base::CoreId holder, const intermonitor::Inherit& request) {
    Inheritance& inheritance = m.shared.inheritance;
    if (!m.is_directory() || !m.lost.contains(request.lost) || m.lost.contains(holder)) return Error::refused;
    if (inheritance.awaited[holder.value] == 0) return Error::refused;
    auto object = std::bit_cast<Capability>(request.object);
    if (object.empty()) {
        --inheritance.awaited[holder.value];
        --inheritance.awaited_sum;
        settle(m);
        return intermonitor::Inherited{};
    }
    if (!lies_in(m.cores.cores[request.lost.value], object)) return Error::refused;
    Exported* record = m.shared.exported.find(object);
    if (record == nullptr) record = export_unknown(m, object);
    if (record == nullptr) {
        inheritance.disowned.add(request.lost);
        return Error::refused;
    }
    record->sharing.declared(holder);
    return intermonitor::Inherited{};
}

void begin_telling(Monitor& m) {
    Inheritance& inheritance = m.shared.inheritance;
    if (inheritance.untold.empty() || inheritance.telling || m.background.full()) return;
    inheritance.telling = true;  // before: it may be done at once
    if (!urpc::spawn(m.background, tell_all(m.pool(), m)).ok()) inheritance.telling = false;
}

}  // namespace skerry::monitor
