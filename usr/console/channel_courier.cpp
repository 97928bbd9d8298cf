#include "usr/console/channel_courier.hpp"

namespace skerry::usr::console {

namespace protocol = urpc::monitor;
using runtime::CapRef;
using runtime::Owned;

ChannelCourier::ChannelCourier(MonitorLink& link, uint64_t channel, uint32_t room, uint64_t patience_ns)
    : link_(link), channel_(channel), room_(room), patience_ns_(patience_ns) {
    SKERRY_ASSERT(room <= offered_.size());
    link_.loop().set().add(*this);
    offer();
}

void ChannelCourier::stop() {
    if (stopped_) return;
    stopped_ = true;
    link_.loop().set().remove(*this);
    // Without a monitor, nobody puts anything anywhere.
    (void)link_.ask(protocol::WithdrawOffers{channel_}).ok();
    while (offered_count_ > 0) Owned(offered_[--offered_count_], link_.loop().program().slots).reset();
}

// The monitor's ring may have no room now; the next poll tries again.
void ChannelCourier::offer() {
    runtime::SlotAllocator& slots = link_.loop().program().slots;
    while (!stopped_ && offered_count_ < room_) {
        auto slot = slots.allocate();
        if (!slot.ok()) return;
        if (!link_.peer().try_send(protocol::OfferSlot{channel_, slot->word}).ok()) return slots.release(*slot);
        offered_[offered_count_++] = *slot;
    }
}

size_t ChannelCourier::poll() {
    uint32_t before = offered_count_;
    if (before < room_) offer();
    return offered_count_ - before;
}

urpc::Task<Status> ChannelCourier::bring(urpc::FramePool&, urpc::Capability& capability) {
    protocol::Transfer request{channel_, capability.slot, capability.rights, patience_ns_};
    auto call = link_.peer().call(request);
    auto brought = co_await call;
    if (!brought.ok()) co_return brought.error();
    capability.slot = brought->slot;
    co_return Status{};
}

void ChannelCourier::sent(const urpc::Capability& capability) {
    if (capability.gives) Owned(CapRef{capability.slot}, link_.loop().program().slots).reset();
}

Status ChannelCourier::claim(const urpc::Capability& capability) {
    for (uint32_t i = 0; i < offered_count_; ++i) {
        if (offered_[i].word != capability.slot) continue;
        auto there = runtime::CNodeCap{}.identify(offered_[i]);
        if (!there.ok() || there->empty()) return Error::corrupt;
        offered_[i] = offered_[--offered_count_];
        offer();
        return {};
    }
    return Error::corrupt;
}

}  // namespace skerry::usr::console
