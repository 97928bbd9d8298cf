// What one program asks: each request goes to an operation, with the program's identity put in by us.
#pragma once

#include "platforms/base/ids.hpp"
#include "urpc/protocols/monitor.hpp"
#include "urpc/task.hpp"

namespace skerry::monitor {

struct Monitor;

template <typename T>
using Work = urpc::Task<base::Result<T>>;

struct ProgramHandler {
    Monitor& monitor;
    base::DomainId domain;

    Work<urpc::monitor::Spawned> operator()(urpc::FramePool& pool, const urpc::monitor::Spawn& request);
    Work<urpc::monitor::Ended> operator()(urpc::FramePool& pool, const urpc::monitor::AwaitEnd& request);
    Work<urpc::monitor::Killed> operator()(urpc::FramePool& pool, const urpc::monitor::Kill& request);
    Work<urpc::monitor::DomainInfo> operator()(urpc::FramePool& pool, const urpc::monitor::NextDomain& request);
    Work<urpc::monitor::CoreInfo> operator()(urpc::FramePool& pool, const urpc::monitor::CoreStatus& request);
    Work<urpc::monitor::Distances> operator()(urpc::FramePool& pool, const urpc::monitor::NodeDistances& request);
    Work<urpc::monitor::Totals> operator()(urpc::FramePool& pool, const urpc::monitor::MachineTotals& request);
    Work<urpc::monitor::MemoryInfo> operator()(urpc::FramePool& pool, const urpc::monitor::MemoryStatistics& request);
    Work<urpc::monitor::CapabilityCount> operator()(urpc::FramePool& pool,
                                                    const urpc::monitor::CountCapabilities& request);
    Work<urpc::monitor::Caches> operator()(urpc::FramePool& pool, const urpc::monitor::ListCaches& request);
    Work<urpc::monitor::Held> operator()(urpc::FramePool& pool, const urpc::monitor::CountHeld& request);
    Work<urpc::monitor::CapabilityInfo> operator()(urpc::FramePool& pool, const urpc::monitor::NextCapability& request);
    Work<urpc::monitor::TraceEvents> operator()(urpc::FramePool& pool, const urpc::monitor::ReadTrace& request);
    base::Result<urpc::monitor::ProgramName> operator()(const urpc::monitor::ListPrograms& request);
    Work<urpc::monitor::ServiceRegistered> operator()(urpc::FramePool& pool,
                                                      const urpc::monitor::RegisterService& request);
    Work<urpc::monitor::Bound> operator()(urpc::FramePool& pool, const urpc::monitor::Bind& request);
    Work<urpc::monitor::Transferred> operator()(urpc::FramePool& pool, const urpc::monitor::Transfer& request);
    base::Result<urpc::monitor::OffersWithdrawn> operator()(const urpc::monitor::WithdrawOffers& request);
    base::Result<urpc::monitor::ArenaMade> operator()(const urpc::monitor::MakeArena& request);
    Work<urpc::monitor::Spanned> operator()(urpc::FramePool& pool, const urpc::monitor::Span& request);
    Work<urpc::monitor::Revoked> operator()(urpc::FramePool& pool, const urpc::monitor::Revoke& request);
    Work<urpc::monitor::Retyped> operator()(urpc::FramePool& pool, const urpc::monitor::Retype& request);
    Work<urpc::monitor::Sharing> operator()(urpc::FramePool& pool, const urpc::monitor::CountSharing& request);
    base::Result<urpc::monitor::InterruptTaken> operator()(const urpc::monitor::TakeInterrupt& request);
    Work<urpc::monitor::InterruptHolder> operator()(urpc::FramePool& pool, const urpc::monitor::FindInterrupt& request);
    Work<urpc::monitor::CoreFailed> operator()(urpc::FramePool& pool, const urpc::monitor::FailCore& request);
    Work<urpc::monitor::CoreStarted> operator()(urpc::FramePool& pool, const urpc::monitor::StartCore& request);
    Work<urpc::monitor::PowerFailed> operator()(urpc::FramePool& pool, const urpc::monitor::Power& request);
    Work<urpc::monitor::Question> operator()(urpc::FramePool& pool, const urpc::monitor::NextQuestion& request);
    Work<urpc::monitor::TreeEdge> operator()(urpc::FramePool& pool, const urpc::monitor::NextTreeEdge& request);
    // One way. An error closes the channel: the program broke the protocol.
    base::Status operator()(const urpc::monitor::Answer& message);
    base::Status operator()(const urpc::monitor::ChannelReleased& message);
    base::Status operator()(const urpc::monitor::CloseChannel& message);
    base::Status operator()(const urpc::monitor::OfferSlot& message);
    base::Status operator()(const urpc::monitor::KnowledgeChanged& message);
    base::Error operator()(const auto&) { return base::Error::corrupt; }  // only we say these
};

}  // namespace skerry::monitor
