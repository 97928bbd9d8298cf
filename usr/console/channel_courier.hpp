// Capabilities beside one of a program's channels: the monitors carry them (urpc/capability.hpp).
//
//   ChannelCourier courier(link, shared.channel);     // offers slots at once
//   peer.set_courier(&courier);                       // a Caller or Server over that channel
//   ...
//   courier.stop();                                   // before the channel is closed or released; waits
#pragma once

#include <array>

#include "usr/console/monitor_link.hpp"

namespace skerry::usr::console {

class ChannelCourier final : public urpc::Courier, public urpc::Polled {
  public:
    // `room`: how many capabilities the peer may have sent that no message has named yet; 0 = we take none.
    // `patience_ns`: how long ours wait for the peer's room.
    ChannelCourier(MonitorLink& link, uint64_t channel, uint32_t room = urpc::monitor::slots_offered_maximum,
                   uint64_t patience_ns = 5'000'000'000);
    ~ChannelCourier() { stop(); }

    // Nothing comes any more; what came and was not named by a message is deleted. Not from within a handler.
    void stop();

    urpc::Task<Status> bring(urpc::FramePool& pool, urpc::Capability& capability) override;
    void sent(const urpc::Capability& capability) override;
    Status claim(urpc::Capability& capability) override;

    size_t poll() override;  // offers what could not be offered before
    bool prepare_to_block() override { return true; }
    void cancel_block() override {}

  private:
    static constexpr uint32_t most = urpc::monitor::slots_offered_maximum;
    void offer();
    void renew();
    void drop_empty();
    bool claim_from(std::span<runtime::CapRef> slots, uint32_t& count, urpc::Capability& capability);

    MonitorLink& link_;
    uint64_t channel_;
    uint32_t room_;
    uint64_t patience_ns_;
    std::array<runtime::CapRef, most> offered_{};
    uint32_t offered_count_ = 0;
    // What came and was revoked before its message said so used up an offer of which only the monitor knows: all are
    // withdrawn and made anew. The old ones, which messages on their way may name still:
    std::array<runtime::CapRef, 2 * most> old_{};
    uint32_t old_count_ = 0;
    bool lost_one_ = false, withdrawing_ = false;
    Pending<urpc::monitor::OffersWithdrawn> withdrawn_;
    bool stopped_ = false;
};

}  // namespace skerry::usr::console
