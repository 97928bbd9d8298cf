#include "monitor/operation/channels.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/decide.hpp"
#include "monitor/operation/gather.hpp"
#include "monitor/operation/hand_over.hpp"
#include "monitor/operation/inherit.hpp"
#include "monitor/operation/lose_core.hpp"
#include "monitor/operation/machine.hpp"
#include "monitor/operation/order_tree.hpp"
#include "monitor/operation/start_on_demand.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

// --- joining: said to the monitor that started that core ---

Result<intermonitor::Welcome> PeerHandler::operator()(const intermonitor::Join& request) {
    CoreEntry* entry = monitor.cores.find(request.core);
    if (entry == nullptr || request.core != peer.core || entry->state != CoreState::starting) return Error::refused;
    SKERRY_CHECK(set_poker(monitor, peer, request.notify));
    entry->kernel_base = request.kernel_base;
    entry->greeted = true;
    monitor.changed.set();
    return intermonitor::Welcome{monitor.core_count, monitor.directory, entry->memory_node, monitor.now()};
}
Result<intermonitor::ClockEcho> PeerHandler::operator()(const intermonitor::ClockProbe&) {
    uint64_t now = monitor.now();
    return intermonitor::ClockEcho{now, now};
}
Status PeerHandler::operator()(const intermonitor::Online& message) {
    CoreEntry* entry = monitor.cores.find(message.core);
    if (entry == nullptr || message.core != peer.core || entry->state != CoreState::starting) return Error::corrupt;
    SKERRY_CHECK(monitor.peers.add(peer));
    entry->timer_ok = message.timer_ok;
    entry->state = CoreState::online;
    monitor.changed.set();
    return {};
}
Result<intermonitor::Pong> PeerHandler::operator()(const intermonitor::Ping& request) {
    return intermonitor::Pong{request.value};
}

PeerHandler::Work<protocol::CoreStarted> PeerHandler::operator()(FramePool& pool, const protocol::StartCore& request) {
    return start_on_demand(pool, monitor, request.core);
}

// --- leaving: said by the directory, which has fenced the core ---

void PeerHandler::operator()(const intermonitor::CoreLost& message) {
    if (peer.core == monitor.directory && message.core != monitor.core) lose_core(monitor, message.core);
}
void PeerHandler::operator()(const intermonitor::Silent& message) {
    if (!monitor.is_directory() || message.core == monitor.core) return;
    if (monitor.cores.find(message.core) != nullptr) ask_again(monitor, message.core);
}
PeerHandler::Work<protocol::CoreFailed> PeerHandler::operator()(FramePool& pool, const protocol::FailCore& request) {
    return fail_core(pool, monitor, request.core, fenced_on_demand);
}

// --- connecting ---

PeerHandler::Work<intermonitor::Met> PeerHandler::operator()(FramePool& pool, const intermonitor::Introduce& request) {
    return introduce(pool, monitor, peer.core, request);
}
Result<intermonitor::Met> PeerHandler::operator()(const intermonitor::Meet& request) {
    if (monitor.lost.contains(request.core)) return Error::closed;  // it has been fenced since it asked
    Owned frame = SKERRY_TRY(made_of(monitor.self, request.frame));
    Word4 notify = SKERRY_TRY(words_of(capabilities::well_known::self_notify));
    Peer* third = SKERRY_TRY(adopt_peer(monitor, request.core, std::move(frame), request.frame[2]));
    Status ready = set_poker(monitor, *third, request.notify);
    if (ready.ok()) ready = monitor.peers.add(*third);
    if (!ready.ok()) {
        drop_peer(monitor, *third);
        return ready.error();
    }
    return intermonitor::Met{notify};
}

// --- the group ---

Result<intermonitor::Linked> PeerHandler::operator()(const intermonitor::LinkGroup& request) {
    return link_group(monitor, peer, request);
}
PeerHandler::Work<intermonitor::Seated> PeerHandler::operator()(FramePool& pool,
                                                                const intermonitor::SitInGroup& request) {
    return sit_in_group(pool, monitor, request);
}
Result<intermonitor::Unlinked> PeerHandler::operator()(const intermonitor::UnlinkGroup& request) {
    return unlink_group(monitor, request);
}

// --- programs of this core ---

Result<protocol::Spawned> PeerHandler::operator()(const intermonitor::Spawn& request) {
    return answer_here(monitor, request);
}
Result<intermonitor::Watched> PeerHandler::operator()(const intermonitor::Watch& request) {
    auto answer = answer_here(monitor, request);
    DomainRecord* record = monitor.domains.find(request.domain);
    if (answer.ok() && record != nullptr) record->watchers.add(peer.core);
    return answer;
}
Result<protocol::Killed> PeerHandler::operator()(const intermonitor::Kill& request) {
    return answer_here(monitor, request);
}
Result<protocol::DomainInfo> PeerHandler::operator()(const protocol::NextDomain& request) {
    return answer_here(monitor, request);
}
Result<protocol::CapabilityInfo> PeerHandler::operator()(const protocol::NextCapability& request) {
    return answer_here(monitor, request);
}
void PeerHandler::operator()(const intermonitor::DomainEnded& message) {
    for (EndNews* news = monitor.end_news.front(); news; news = monitor.end_news.next(*news)) {
        if (news->domain != message.domain) continue;
        news->told = true;
        news->ended = {message.status, message.reason};
    }
    monitor.changed.set();
}

// --- this core, or at the directory any ---

PeerHandler::Work<protocol::CoreInfo> PeerHandler::operator()(FramePool& pool, const protocol::CoreStatus& request) {
    if (monitor.is_directory()) return core_status(pool, monitor, request.core);
    return own_status(pool, monitor);
}
PeerHandler::Work<protocol::Distances> PeerHandler::operator()(FramePool& pool,
                                                               const protocol::NodeDistances& request) {
    return node_distances(pool, monitor, request);
}
PeerHandler::Work<protocol::Totals> PeerHandler::operator()(FramePool& pool, const protocol::MachineTotals&) {
    return machine_totals(pool, monitor);
}
Result<protocol::MemoryInfo> PeerHandler::operator()(const protocol::MemoryStatistics& request) {
    return answer_here(monitor, request);
}
Result<protocol::CapabilityCount> PeerHandler::operator()(const protocol::CountCapabilities& request) {
    return answer_here(monitor, request);
}
Result<protocol::Caches> PeerHandler::operator()(const protocol::ListCaches& request) {
    return answer_here(monitor, request);
}
Result<protocol::Held> PeerHandler::operator()(const protocol::CountHeld& request) {
    return answer_here(monitor, request);
}
Result<protocol::TraceEvents> PeerHandler::operator()(const protocol::ReadTrace& request) {
    return answer_here(monitor, request);
}
PeerHandler::Work<protocol::PowerFailed> PeerHandler::operator()(FramePool& pool, const protocol::Power& request) {
    return power(pool, monitor, request);
}

// --- the knowledge base: said to the directory ---

PeerHandler::Work<intermonitor::Chosen> PeerHandler::operator()(FramePool& pool,
                                                                const intermonitor::ChooseCore& request) {
    return choose_core(pool, monitor, request.from);
}
void PeerHandler::operator()(const intermonitor::CoreLoad& message) {
    if (message.core.value < monitor.cores.count) monitor.decisions.load[message.core.value] = message.domains;
}
PeerHandler::Work<protocol::TreeEdge> PeerHandler::operator()(FramePool& pool, const protocol::NextTreeEdge& request) {
    return tree_edge(pool, monitor, request);
}
PeerHandler::Work<intermonitor::TreeGiven> PeerHandler::operator()(FramePool& pool,
                                                                   const intermonitor::AskTree& request) {
    return give_tree(pool, monitor, request.asker);
}
void PeerHandler::operator()(const intermonitor::TreesChanged& message) {
    if (peer.core == monitor.directory) monitor.decisions.own.version = message.version;
}

// --- names: said to the directory ---

Result<intermonitor::Registered> PeerHandler::operator()(const intermonitor::Register& request) {
    if (!monitor.is_directory()) return Error::refused;
    SKERRY_CHECK(monitor.names.add(request.name, request.service, request.protocol));
    monitor.changed.set();
    return intermonitor::Registered{};
}
void PeerHandler::operator()(const intermonitor::Unregister& message) {
    monitor.names.remove(message.service);
}
Result<intermonitor::Found> PeerHandler::operator()(const intermonitor::Lookup& request) {
    if (!monitor.is_directory()) return Error::refused;
    return monitor.names.find(request.name);
}

// --- channels ---

PeerHandler::Work<intermonitor::BindAccepted> PeerHandler::operator()(FramePool& pool,
                                                                      const intermonitor::Bind& request) {
    return accept_bind(pool, monitor, request);
}
PeerHandler::Work<intermonitor::ChannelReleased> PeerHandler::operator()(FramePool& pool,
                                                                         const intermonitor::ChannelGone& request) {
    return channel_gone(pool, monitor, request);
}
Result<intermonitor::Delivered> PeerHandler::operator()(const intermonitor::Deliver& request) {
    return request.shared ? take_copy(monitor, peer.core, request) : take_delivery(monitor, request);
}

Result<protocol::InterruptHolder> PeerHandler::operator()(const protocol::FindInterrupt& request) {
    return answer_here(monitor, request);
}

// --- memory that several cores hold ---

Result<protocol::Sharing> PeerHandler::operator()(const protocol::CountSharing& request) {
    return answer_here(monitor, request);
}
PeerHandler::Work<intermonitor::Delivered> PeerHandler::operator()(FramePool& pool,
                                                                   const intermonitor::CopyOut& request) {
    return copy_out_for(pool, monitor, peer.core, request);
}
PeerHandler::Work<intermonitor::TakenBack> PeerHandler::operator()(FramePool& pool,
                                                                   const intermonitor::TakeBack& request) {
    return revoke_for(pool, monitor, peer.core, request);
}
PeerHandler::Work<intermonitor::Claimed> PeerHandler::operator()(FramePool& pool, const intermonitor::Claim& request) {
    return retype_for(pool, monitor, peer.core, request);
}
PeerHandler::Work<intermonitor::Released> PeerHandler::operator()(FramePool& pool,
                                                                  const intermonitor::Release& request) {
    return release_for(pool, monitor, peer.core, request);
}
Result<intermonitor::Declared> PeerHandler::operator()(const intermonitor::Declare& request) {
    return declare_for(monitor, peer.core, request);
}
Result<intermonitor::Inherited> PeerHandler::operator()(const intermonitor::Inherit& request) {
    return take_over(monitor, peer.core, request);
}
PeerHandler::Work<intermonitor::Agreed> PeerHandler::operator()(FramePool& pool, const intermonitor::Agree& request) {
    return take_part(pool, monitor, request);
}
PeerHandler::Work<intermonitor::Agreed> PeerHandler::operator()(FramePool& pool,
                                                                const intermonitor::AgreeAlong& request) {
    return take_part_along(pool, monitor, request);
}

}  // namespace skerry::monitor
