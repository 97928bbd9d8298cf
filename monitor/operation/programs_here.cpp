// Programs of this core: start, end, list.
#include "monitor/operation/here.hpp"
#include "monitor/operation/spawn.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
namespace protocol = urpc::monitor;
namespace intermonitor = urpc::intermonitor;

namespace {
constexpr uint32_t killed_status = 137;  // as a shell reports a program that was killed
constexpr uint32_t scan_limit = 2048;    // slots looked at for one answer
}  // namespace

Result<protocol::Spawned> answer_here(Monitor& m, const intermonitor::Spawn& request) {
    ProgramOrder order;
    order.name = request.name;
    order.arguments = request.arguments.span();
    order.parent = request.asker;
    order.manager = (request.flags & protocol::spawn_flags::manager) != 0;  // the asker's monitor has seen to its right
    return spawn_program(m, order);
}

Result<protocol::Killed> answer_here(Monitor& m, const intermonitor::Kill& request) {
    DomainRecord* record = m.domains.find(request.domain);
    if (record == nullptr || record->state == DomainState::ending) return Error::not_found;
    if (record->system || record->program == nullptr) return Error::refused;
    if (!request.manager && record->parent != request.asker) return Error::refused;
    m.domains.begin_end(*record, killed_status, "killed");
    return protocol::Killed{};
}

Result<intermonitor::Watched> answer_here(Monitor& m, const intermonitor::Watch& request) {
    if (const Ended* ended = m.domains.ended(request.domain)) {
        return intermonitor::Watched{true, ended->status, ended->reason};
    }
    if (m.domains.find(request.domain) == nullptr) return Error::not_found;
    return intermonitor::Watched{};
}

Result<protocol::DomainInfo> answer_here(Monitor& m, const protocol::NextDomain& request) {
    DomainRecord* record = m.domains.next(request.after);
    if (record == nullptr) return Error::out_of_range;
    protocol::DomainInfo info{.domain = record->id,
                              .parent = record->parent,
                              .name = record->name,
                              .state = record->state,
                              .measured = false,
                              .cpu_ns = 0,
                              .memory_bytes = 0,
                              .memory_limit = 0};
    runtime::DispatcherCap dispatcher;  // our own
    bool own = base::counter_of(record->id) == domain_counter::monitor;
    if (record->program != nullptr) {
        info.memory_bytes = record->program->domain.memory.bytes + Program::memory_bytes + Program::ring_bytes;
        dispatcher.ref = record->program->domain.dispatcher.ref();
    }
    auto state = record->program != nullptr || own ? dispatcher.read_state()
                                                   : Result<runtime::DispatcherCap::State>(Error::not_found);
    if (state.ok()) {
        info.measured = true;
        info.cpu_ns = state->cpu_ns;
        bool blocked = state->state == capabilities::DispatcherState::blocked;
        if (blocked && record->state == DomainState::running) info.state = DomainState::blocked;
    }
    auto account = m.memory.account(base::counter_of(record->id));
    if (account.ok()) {
        info.memory_bytes += own ? account->used - std::min(account->used, m.given_away) : account->used;
        info.memory_limit = account->limit;
    }
    return info;
}

// A cursor is root index << 8 | index in the second level; slot 0 of CNode 0 is never filled.
Result<protocol::CapabilityInfo> answer_here(Monitor& m, const protocol::NextCapability& request) {
    DomainRecord* record = m.domains.find(request.domain);
    if (record == nullptr || record->program == nullptr) return Error::not_found;
    runtime::CNodeCap space{record->program->domain.root_cnode.ref()};
    constexpr uint64_t slots = capabilities::second_level_slots;
    constexpr uint64_t end = capabilities::well_known::root_slots * slots;
    uint64_t at = std::max<uint64_t>(request.cursor, 1);
    for (uint32_t scanned = 0; at < end && scanned < scan_limit; ++scanned) {
        auto root_index = static_cast<uint32_t>(at / slots);
        bool entered = scanned == 0 || at % slots == 0;
        if (entered && !space.identify(CapRef::root_slot(root_index)).ok()) {
            at = (root_index + uint64_t{1}) * slots;
            continue;
        }
        CapRef slot{root_index, static_cast<uint32_t>(at % slots)};
        auto found = space.identify(slot);
        ++at;
        if (found.ok() && !found->empty()) {
            return protocol::CapabilityInfo{slot.word, at, std::bit_cast<protocol::Word4>(found.value())};
        }
    }
    return Error::out_of_range;
}

}  // namespace skerry::monitor
