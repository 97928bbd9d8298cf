#include "monitor/operation/ask_knowledge.hpp"
#include "monitor/operation/await_end.hpp"
#include "monitor/operation/channels.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/decide.hpp"
#include "monitor/operation/gather.hpp"
#include "monitor/operation/hand_over.hpp"
#include "monitor/operation/interrupts.hpp"
#include "monitor/operation/lose_core.hpp"
#include "monitor/operation/machine.hpp"
#include "monitor/operation/names.hpp"
#include "monitor/operation/sharing.hpp"
#include "monitor/operation/span.hpp"
#include "monitor/operation/start_on_demand.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {
// An answer that is known at once, where others take a while.
template <typename T>
Work<T> at_once(FramePool&, Result<T> answer) {
    co_return answer;
}
bool is_manager(Monitor& m, base::DomainId domain) {
    DomainRecord* record = m.domains.find(domain);
    return record != nullptr && record->manager;
}
}  // namespace

Work<protocol::Spawned> ProgramHandler::operator()(FramePool& pool, const protocol::Spawn& request) {
    bool manages = (request.flags & protocol::spawn_flags::manager) != 0;
    if (manages && !is_manager(monitor, domain)) return at_once(pool, Result<protocol::Spawned>(Error::refused));
    intermonitor::Spawn order{domain, request.name, request.arguments, request.flags};
    if (request.core == protocol::any_core) return spawn_anywhere(pool, monitor, order);
    return at_core(pool, monitor, request.core, order);
}
Work<protocol::Ended> ProgramHandler::operator()(FramePool& pool, const protocol::AwaitEnd& request) {
    return await_end(pool, monitor, domain, request.domain);
}
Work<protocol::Killed> ProgramHandler::operator()(FramePool& pool, const protocol::Kill& request) {
    return at_core(pool, monitor, base::core_of(request.domain),
                   intermonitor::Kill{request.domain, domain, is_manager(monitor, domain)});
}
Work<protocol::DomainInfo> ProgramHandler::operator()(FramePool& pool, const protocol::NextDomain& request) {
    return at_core(pool, monitor, request.core, request);
}
Work<protocol::CoreInfo> ProgramHandler::operator()(FramePool& pool, const protocol::CoreStatus& request) {
    return core_status(pool, monitor, request.core);
}
Work<protocol::Distances> ProgramHandler::operator()(FramePool& pool, const protocol::NodeDistances& request) {
    return node_distances(pool, monitor, request);
}
Work<protocol::Totals> ProgramHandler::operator()(FramePool& pool, const protocol::MachineTotals&) {
    return machine_totals(pool, monitor);
}
Work<protocol::MemoryInfo> ProgramHandler::operator()(FramePool& pool, const protocol::MemoryStatistics& request) {
    return at_core(pool, monitor, request.core, request);
}
Work<protocol::CapabilityCount> ProgramHandler::operator()(FramePool& pool,
                                                           const protocol::CountCapabilities& request) {
    return at_core(pool, monitor, request.core, request);
}
Work<protocol::Caches> ProgramHandler::operator()(FramePool& pool, const protocol::ListCaches& request) {
    return at_core(pool, monitor, request.core, request);
}
Work<protocol::Held> ProgramHandler::operator()(FramePool& pool, const protocol::CountHeld& request) {
    return at_core(pool, monitor, request.core, request);
}
Work<protocol::CapabilityInfo> ProgramHandler::operator()(FramePool& pool, const protocol::NextCapability& request) {
    return at_core(pool, monitor, base::core_of(request.domain), request);
}
Work<protocol::TraceEvents> ProgramHandler::operator()(FramePool& pool, const protocol::ReadTrace& request) {
    return at_core(pool, monitor, request.core, request);
}
Result<protocol::ProgramName> ProgramHandler::operator()(const protocol::ListPrograms& request) {
    image::ArchiveEntry entry = SKERRY_TRY(monitor.archive.entry(request.index));
    return protocol::ProgramName{Name::cut(entry.name), entry.contents.size()};
}
Work<protocol::ServiceRegistered> ProgramHandler::operator()(FramePool& pool,
                                                             const protocol::RegisterService& request) {
    return register_service(pool, monitor, domain, request);
}
Work<protocol::Bound> ProgramHandler::operator()(FramePool& pool, const protocol::Bind& request) {
    return bind(pool, monitor, domain, request);
}
Work<protocol::Transferred> ProgramHandler::operator()(FramePool& pool, const protocol::Transfer& request) {
    return hand_over(pool, monitor, domain, request);
}
Result<protocol::OffersWithdrawn> ProgramHandler::operator()(const protocol::WithdrawOffers& request) {
    return withdraw_offers(monitor, domain, request.channel);
}
Result<protocol::ArenaMade> ProgramHandler::operator()(const protocol::MakeArena& request) {
    return make_arena(monitor, domain, request);
}
Work<protocol::Spanned> ProgramHandler::operator()(FramePool& pool, const protocol::Span& request) {
    return span(pool, monitor, domain, request);
}
Work<protocol::Revoked> ProgramHandler::operator()(FramePool& pool, const protocol::Revoke& request) {
    return revoke_everywhere(pool, monitor, domain, request.slot);
}
Work<protocol::Retyped> ProgramHandler::operator()(FramePool& pool, const protocol::Retype& request) {
    return retype_everywhere(pool, monitor, domain, request);
}
Work<protocol::Sharing> ProgramHandler::operator()(FramePool& pool, const protocol::CountSharing& request) {
    return at_core(pool, monitor, request.core, request);
}
Result<protocol::InterruptTaken> ProgramHandler::operator()(const protocol::TakeInterrupt& request) {
    return take_interrupt(monitor, domain, request);
}
Work<protocol::InterruptHolder> ProgramHandler::operator()(FramePool& pool, const protocol::FindInterrupt& request) {
    return at_core(pool, monitor, request.core, request);
}
Work<protocol::CoreFailed> ProgramHandler::operator()(FramePool& pool, const protocol::FailCore& request) {
    if (!is_manager(monitor, domain)) return at_once(pool, Result<protocol::CoreFailed>(Error::refused));
    return fail_core(pool, monitor, request.core, fenced_on_demand);
}
Work<protocol::CoreStarted> ProgramHandler::operator()(FramePool& pool, const protocol::StartCore& request) {
    if (!is_manager(monitor, domain)) return at_once(pool, Result<protocol::CoreStarted>(Error::refused));
    return start_on_demand(pool, monitor, request.core);
}
Work<protocol::PowerFailed> ProgramHandler::operator()(FramePool& pool, const protocol::Power& request) {
    if (!is_manager(monitor, domain)) return at_once(pool, Result<protocol::PowerFailed>(Error::refused));
    return power(pool, monitor, request);
}

Work<protocol::Question> ProgramHandler::operator()(FramePool& pool, const protocol::NextQuestion& request) {
    return next_question(pool, monitor, domain, request);
}
Work<protocol::TreeEdge> ProgramHandler::operator()(FramePool& pool, const protocol::NextTreeEdge& request) {
    return tree_edge(pool, monitor, request);
}

Status ProgramHandler::operator()(const protocol::KnowledgeChanged& message) {
    return knowledge_changed(monitor, domain, message);
}
Status ProgramHandler::operator()(const protocol::Answer& message) {
    return take_answer(monitor, domain, message);
}
Status ProgramHandler::operator()(const protocol::ChannelReleased& message) {
    return take_release(monitor, domain, message.channel);
}
Status ProgramHandler::operator()(const protocol::CloseChannel& message) {
    return take_close(monitor, domain, message.channel);
}
Status ProgramHandler::operator()(const protocol::OfferSlot& message) {
    return take_offer(monitor, domain, message);
}

}  // namespace skerry::monitor
