// What another monitor asks.
#pragma once

#include "platforms/base/ids.hpp"
#include "urpc/protocols/intermonitor.hpp"
#include "urpc/task.hpp"

namespace skerry::monitor {

struct Monitor;
struct Peer;

struct PeerHandler {
    Monitor& monitor;
    Peer& peer;

    template <typename T>
    using Work = urpc::Task<base::Result<T>>;

    // joining
    base::Result<urpc::intermonitor::Welcome> operator()(const urpc::intermonitor::Join& request);
    base::Result<urpc::intermonitor::ClockEcho> operator()(const urpc::intermonitor::ClockProbe& request);
    base::Status operator()(const urpc::intermonitor::Online& message);
    base::Result<urpc::intermonitor::Pong> operator()(const urpc::intermonitor::Ping& request);
    // leaving
    void operator()(const urpc::intermonitor::CoreLost& message);
    void operator()(const urpc::intermonitor::Silent& message);
    Work<urpc::monitor::CoreFailed> operator()(urpc::FramePool& pool, const urpc::monitor::FailCore& request);
    Work<urpc::monitor::CoreStarted> operator()(urpc::FramePool& pool, const urpc::monitor::StartCore& request);
    // connecting
    Work<urpc::intermonitor::Met> operator()(urpc::FramePool& pool, const urpc::intermonitor::Introduce& request);
    base::Result<urpc::intermonitor::Met> operator()(const urpc::intermonitor::Meet& request);
    // the group
    base::Result<urpc::intermonitor::Linked> operator()(const urpc::intermonitor::LinkGroup& request);
    Work<urpc::intermonitor::Seated> operator()(urpc::FramePool& pool, const urpc::intermonitor::SitInGroup& request);
    base::Result<urpc::intermonitor::Unlinked> operator()(const urpc::intermonitor::UnlinkGroup& request);
    // programs of this core
    base::Result<urpc::monitor::Spawned> operator()(const urpc::intermonitor::Spawn& request);
    base::Result<urpc::intermonitor::Watched> operator()(const urpc::intermonitor::Watch& request);
    base::Result<urpc::monitor::Killed> operator()(const urpc::intermonitor::Kill& request);
    base::Result<urpc::monitor::DomainInfo> operator()(const urpc::monitor::NextDomain& request);
    base::Result<urpc::monitor::CapabilityInfo> operator()(const urpc::monitor::NextCapability& request);
    void operator()(const urpc::intermonitor::DomainEnded& message);
    // programs on several cores
    base::Result<urpc::intermonitor::MemberMade> operator()(const urpc::intermonitor::MakeMember& request);
    base::Result<urpc::intermonitor::MemberStopped> operator()(const urpc::intermonitor::StopMember& request);
    base::Result<urpc::intermonitor::MemberReleased> operator()(const urpc::intermonitor::ReleaseMember& request);
    base::Result<urpc::intermonitor::MemberHeard> operator()(const urpc::intermonitor::MemberEnded& request);
    // this core
    Work<urpc::monitor::CoreInfo> operator()(urpc::FramePool& pool, const urpc::monitor::CoreStatus& request);
    Work<urpc::monitor::Distances> operator()(urpc::FramePool& pool, const urpc::monitor::NodeDistances& request);
    Work<urpc::monitor::Totals> operator()(urpc::FramePool& pool, const urpc::monitor::MachineTotals& request);
    base::Result<urpc::monitor::MemoryInfo> operator()(const urpc::monitor::MemoryStatistics& request);
    base::Result<urpc::monitor::CapabilityCount> operator()(const urpc::monitor::CountCapabilities& request);
    base::Result<urpc::monitor::Caches> operator()(const urpc::monitor::ListCaches& request);
    base::Result<urpc::monitor::Held> operator()(const urpc::monitor::CountHeld& request);
    base::Result<urpc::monitor::TraceEvents> operator()(const urpc::monitor::ReadTrace& request);
    Work<urpc::monitor::PowerFailed> operator()(urpc::FramePool& pool, const urpc::monitor::Power& request);
    // the knowledge base, at the directory
    Work<urpc::intermonitor::Chosen> operator()(urpc::FramePool& pool, const urpc::intermonitor::ChooseCore& request);
    void operator()(const urpc::intermonitor::CoreLoad& message);
    Work<urpc::monitor::TreeEdge> operator()(urpc::FramePool& pool, const urpc::monitor::NextTreeEdge& request);
    Work<urpc::intermonitor::TreeGiven> operator()(urpc::FramePool& pool, const urpc::intermonitor::AskTree& request);
    void operator()(const urpc::intermonitor::TreesChanged& message);
    // names, at the directory
    base::Result<urpc::intermonitor::Registered> operator()(const urpc::intermonitor::Register& request);
    void operator()(const urpc::intermonitor::Unregister& message);
    base::Result<urpc::intermonitor::Found> operator()(const urpc::intermonitor::Lookup& request);
    // channels
    Work<urpc::intermonitor::BindAccepted> operator()(urpc::FramePool& pool, const urpc::intermonitor::Bind& request);
    Work<urpc::intermonitor::ChannelReleased> operator()(urpc::FramePool& pool,
                                                         const urpc::intermonitor::ChannelGone& request);
    base::Result<urpc::intermonitor::Delivered> operator()(const urpc::intermonitor::Deliver& request);
    // memory that several cores hold
    base::Result<urpc::monitor::Sharing> operator()(const urpc::monitor::CountSharing& request);
    base::Result<urpc::monitor::InterruptHolder> operator()(const urpc::monitor::FindInterrupt& request);
    Work<urpc::intermonitor::Delivered> operator()(urpc::FramePool& pool, const urpc::intermonitor::CopyOut& request);
    Work<urpc::intermonitor::TakenBack> operator()(urpc::FramePool& pool, const urpc::intermonitor::TakeBack& request);
    Work<urpc::intermonitor::Claimed> operator()(urpc::FramePool& pool, const urpc::intermonitor::Claim& request);
    Work<urpc::intermonitor::Released> operator()(urpc::FramePool& pool, const urpc::intermonitor::Release& request);
    base::Result<urpc::intermonitor::Declared> operator()(const urpc::intermonitor::Declare& request);
    base::Result<urpc::intermonitor::Inherited> operator()(const urpc::intermonitor::Inherit& request);
    Work<urpc::intermonitor::Agreed> operator()(urpc::FramePool& pool, const urpc::intermonitor::Agree& request);
    Work<urpc::intermonitor::Agreed> operator()(urpc::FramePool& pool, const urpc::intermonitor::AgreeAlong& request);
};

}  // namespace skerry::monitor
