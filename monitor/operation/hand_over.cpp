#include "monitor/operation/hand_over.hpp"

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
namespace protocol = urpc::monitor;

namespace {

constexpr uint64_t longest_patience = 60'000'000'000;                   // ns
constexpr uint64_t shortest_pause = 50'000, longest_pause = 4'000'000;  // ns, between two tries

// A copy of what lies in the sender's slot; from here on it may do with its own what it likes.
Result<Owned> fetch(Monitor& m, base::DomainId sender, const protocol::Transfer& request) {
    DomainRecord* record = m.domains.find(sender);
    if (record == nullptr || record->program == nullptr) return Error::closed;
    runtime::CNodeCap space{record->program->domain.root_cnode.ref()};
    Owned cap = SKERRY_TRY(Owned::empty(m.self.slots));
    SKERRY_CHECK(space.fetch(cap.ref(), CapRef{request.slot}));
    return cap;
}

// If a revoke has taken our copy on its way: who has revoked through the very slot has what lies there still, and this comes
// after it.
Status fetch_again(Monitor& m, base::DomainId sender, const protocol::Transfer& request, const Capability& object,
                   Owned& cap) {
    if (holds(cap)) return {};
    cap = SKERRY_TRY(fetch(m, sender, request));
    auto held = std::bit_cast<Capability>(SKERRY_TRY(words_of(cap.ref())));
    return capabilities::same_object(held, object) ? Status{} : Status{Error::no_capability};
}

// One try. The capability is of this core's; to another core its value goes.
Task<Result<uint64_t>> try_once(FramePool& pool, Monitor& m, base::CoreId core, uint64_t channel, CapRef cap,
                                Rights rights) {
    if (core == m.core) co_return put_into_offer(m, channel, cap, rights);
    auto words = words_of(cap);
    if (!words.ok()) co_return words.error();
    auto value = std::bit_cast<capabilities::Capability>(words.value());
    if (!capabilities::info(value.type).moves_between_cores) co_return Error::refused;
    if (capabilities::info(value.type).space == capabilities::Space::memory) {
        auto copying = copy_out(pool, m, cap, core, channel, rights);
        auto slot = co_await copying;
        co_return slot;
    }
    value.rights = value.rights & rights;
    auto connecting = connect(pool, m, core);
    auto peer = co_await connecting;
    if (!peer.ok()) co_return Error::closed;
    intermonitor::Deliver request{channel, std::bit_cast<Word4>(value), false};
    auto call = peer.value()->link.call(request);
    auto delivered = co_await call;
    if (!delivered.ok()) co_return delivered.error();
    co_return delivered->slot;
}

}  // namespace

// Into the next slot that the program at this end has offered; one that it has filled itself is passed over.
Result<uint64_t> put_into_offer(Monitor& m, uint64_t id, CapRef cap, Rights rights) {
    Channel* channel = m.channels.find(id);
    if (channel == nullptr || channel->state == ChannelState::closing || channel->state == ChannelState::refused) {
        return Error::closed;
    }
    DomainRecord* record = m.domains.find(channel->domain);
    if (record == nullptr || record->program == nullptr) return Error::closed;
    runtime::CNodeCap space{record->program->domain.root_cnode.ref()};
    while (channel->offered_count > 0) {
        uint64_t slot = channel->offered[--channel->offered_count];
        if (space.mint(CapRef{slot}, cap, rights).ok()) return slot;
    }
    return Error::full;
}

Task<Result<protocol::Transferred>> hand_over(FramePool& pool, Monitor& m, base::DomainId sender,
                                              protocol::Transfer request) {
    uint64_t deadline = m.now() + std::min(request.patience_ns, longest_patience);
    auto cap = fetch(m, sender, request);
    if (!cap.ok()) co_return cap.error();
    auto held = words_of(cap.value().ref());
    if (!held.ok()) co_return held.error();
    auto object = std::bit_cast<Capability>(held.value());
    if (!capabilities::includes(object.rights, Rights::transfer)) co_return Error::no_right;
    for (uint64_t pause = shortest_pause;; pause = std::min(2 * pause, longest_pause)) {
        Status there = fetch_again(m, sender, request, object, cap.value());
        if (!there.ok()) co_return there.error();
        Channel* channel = m.channels.find(request.channel, sender);
        if (channel == nullptr || channel->state != ChannelState::open) co_return Error::closed;
        auto trying = try_once(pool, m, base::core_of(channel->peer), channel->peer_channel, cap.value().ref(),
                               Rights(request.rights));
        auto slot = co_await trying;
        if (slot.ok()) co_return protocol::Transferred{slot.value()};
        if (slot.error() == Error::no_capability && !holds(cap.value())) continue;
        if (slot.error() != Error::full || m.now() >= deadline) co_return slot.error();
        auto wait = m.loop.timers().sleep(std::min(m.now() + pause, deadline));
        co_await wait;
    }
}

Result<intermonitor::Delivered> take_delivery(Monitor& m, const intermonitor::Deliver& request) {
    Owned cap = SKERRY_TRY(made_of(m.self, request.capability));
    uint64_t slot = SKERRY_TRY(put_into_offer(m, request.channel, cap.ref(), Rights::all));
    return intermonitor::Delivered{slot};
}

Status take_offer(Monitor& m, base::DomainId domain, const protocol::OfferSlot& offer) {
    Channel* channel = m.channels.find(offer.channel, domain);
    if (channel == nullptr) return {};  // it is gone, which the program has not heard yet
    if (channel->offered_count == channel->offered.size()) return Error::corrupt;
    channel->offered[channel->offered_count++] = offer.slot;
    return {};
}

Result<protocol::OffersWithdrawn> withdraw_offers(Monitor& m, base::DomainId domain, uint64_t id) {
    Channel* channel = m.channels.find(id, domain);
    if (channel != nullptr) channel->offered_count = 0;
    return protocol::OffersWithdrawn{};
}

}  // namespace skerry::monitor
