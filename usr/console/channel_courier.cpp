#include "usr/console/channel_courier.hpp"

namespace skerry::usr::console {

namespace protocol = urpc::monitor;
using runtime::CapRef;
using runtime::Owned;

namespace {
bool holds_something(CapRef slot) {
    auto there = runtime::CNodeCap{}.identify(slot);
    return there.ok() && !there->empty();
}
}  // namespace

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
    if (withdrawing_) (void)link_.loop().program().dispatcher.wait_until([&] { return withdrawn_.done; }).ok();
    // Without a monitor, nobody puts anything anywhere.
    (void)link_.ask(protocol::WithdrawOffers{channel_}).ok();
    while (offered_count_ > 0) Owned(offered_[--offered_count_], link_.loop().program().slots).reset();
    while (old_count_ > 0) Owned(old_[--old_count_], link_.loop().program().slots).reset();
}

// The monitor's ring may have no room now; the next poll tries again.
void ChannelCourier::offer() {
    runtime::SlotAllocator& slots = link_.loop().program().slots;
    while (!stopped_ && !withdrawing_ && offered_count_ < room_) {
        auto slot = slots.allocate();
        if (!slot.ok()) return;
        if (!link_.peer().try_send(protocol::OfferSlot{channel_, slot->word}).ok()) return slots.release(*slot);
        offered_[offered_count_++] = *slot;
    }
}

size_t ChannelCourier::poll() {
    if (lost_one_ || withdrawing_) renew();
    uint32_t before = offered_count_;
    if (before < room_) offer();
    return offered_count_ - before;
}

// Of the old ones those that nothing came to, or nothing is left of: a message that named one now would break the rules.
void ChannelCourier::drop_empty() {
    for (uint32_t i = 0; i < old_count_;) {
        if (holds_something(old_[i])) {
            ++i;
            continue;
        }
        Owned(old_[i], link_.loop().program().slots).reset();
        old_[i] = old_[--old_count_];
    }
}

void ChannelCourier::renew() {
    if (!withdrawing_) {
        drop_empty();
        if (old_count_ + offered_count_ > old_.size()) return;  // not before its peer has named what it brought
        lost_one_ = false;
        withdrawing_ = true;
        withdrawn_ = {};
        link_.ask_later(protocol::WithdrawOffers{channel_}, withdrawn_);
    }
    if (!withdrawn_.done) return;
    withdrawing_ = false;
    if (!withdrawn_.result.ok()) return;  // the offers stand
    while (offered_count_ > 0) old_[old_count_++] = offered_[--offered_count_];
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

bool ChannelCourier::claim_from(std::span<CapRef> slots, uint32_t& count, urpc::Capability& capability) {
    for (uint32_t i = 0; i < count; ++i) {
        if (slots[i].word != capability.slot) continue;
        if (holds_something(slots[i])) {
            slots[i] = slots[--count];
        } else {
            capability.slot = 0;
            lost_one_ = true;
        }
        return true;
    }
    return false;
}

Status ChannelCourier::claim(urpc::Capability& capability) {
    if (claim_from(offered_, offered_count_, capability)) {
        offer();
        return {};
    }
    return claim_from(old_, old_count_, capability) ? Status{} : Status{Error::corrupt};
}

}  // namespace skerry::usr::console
