// This core's ends of the channels between programs and services. A channel has two records, one at the monitor of
// each end; on one core both are in this table.
//
//   client's record: owns the frame's memory (the client's account pays), side a
//   service's record: a capability to the same frame, side b
//
//   opening --(offered, answered)--> open --release--> closing --> free
#pragma once

#include <array>

#include "monitor/memory.hpp"
#include "platforms/base/ids.hpp"
#include "urpc/protocols/monitor.hpp"

namespace skerry::monitor {

enum class ChannelState : uint8_t { opening, accepted, refused, open, closing };

struct Channel {
    uint64_t id = 0;  // index | generation << 16: names the channel between program and monitor; 0 = free
    ChannelState state = ChannelState::opening;
    bool client = false;                     // this is the client's end
    bool let_go = false;                     // our program uses the frame no more
    base::DomainId domain;                   // of this end
    base::DomainId peer;                     // of the other end
    uint64_t peer_channel = 0;               // its id at the other end's monitor; 0 = not known yet
    base::Error answer = base::Error::none;  // the service's
    RamBlock ram;                            // client: what the frame is made of
    Owned frame;
    Owned notify;  // pokes the other end
    // Slots of our program that wait for a capability of the other end's.
    std::array<uint64_t, urpc::monitor::slots_offered_maximum> offered{};
    uint32_t offered_count = 0;
};

class ChannelTable {
  public:
    static constexpr uint32_t capacity = 192;
    static constexpr uint32_t per_client = 16;

    // Errors: full (the table, or that client's part of it).
    base::Result<Channel*> add(base::DomainId domain, base::DomainId peer, bool client) {
        Channel* place = nullptr;
        uint32_t held = 0;
        for (Channel& channel : channels_) {
            if (channel.id == 0 && place == nullptr) place = &channel;
            held += channel.id != 0 && channel.client && channel.domain == domain;
        }
        if (place == nullptr || (client && held >= per_client)) return base::Error::full;
        auto index = static_cast<uint64_t>(place - channels_.data());
        *place = Channel{};
        place->id = ++generation_ << 16 | (index + 1);
        place->client = client;
        place->domain = domain;
        place->peer = peer;
        return place;
    }
    // Null: no such channel, or it is not that domain's.
    Channel* find(uint64_t id, base::DomainId domain) {
        Channel* channel = find(id);
        return channel != nullptr && channel->domain == domain ? channel : nullptr;
    }
    Channel* find(uint64_t id) {
        uint64_t index = (id & 0xffff) - 1;
        if (id == 0 || index >= capacity || channels_[index].id != id) return nullptr;
        return &channels_[index];
    }
    // Some channel of the domain that nobody is closing yet; null = none.
    Channel* first_of(base::DomainId domain) {
        for (Channel& channel : channels_) {
            bool going = channel.state == ChannelState::closing || channel.state == ChannelState::refused;
            if (channel.id != 0 && channel.domain == domain && !going) return &channel;
        }
        return nullptr;
    }
    // The first of which `test(channel)` holds; null = none.
    template <typename Test>
    const Channel* first(Test&& test) const {
        for (const Channel& channel : channels_) {
            if (channel.id != 0 && test(channel)) return &channel;
        }
        return nullptr;
    }
    bool any_of(base::DomainId domain) const {
        for (const Channel& channel : channels_) {
            if (channel.id != 0 && channel.domain == domain) return true;
        }
        return false;
    }
    uint32_t opening_at(base::DomainId service) const {
        uint32_t count = 0;
        for (const Channel& channel : channels_) {
            count += channel.id != 0 && !channel.client && channel.domain == service &&
                     channel.state == ChannelState::opening;
        }
        return count;
    }
    // Whether `test(base, bytes)` holds for the memory of some channel whose client is here.
    template <typename Test>
    bool any_frame(Test&& test) const {
        for (const Channel& channel : channels_) {
            if (channel.id != 0 && channel.ram.bytes != 0 && test(channel.ram.base, channel.ram.bytes)) return true;
        }
        return false;
    }
    uint32_t count() const {
        uint32_t sum = 0;
        for (const Channel& channel : channels_) sum += channel.id != 0;
        return sum;
    }
    // Its capabilities must be gone already.
    void remove(Channel& channel) {
        SKERRY_ASSERT(channel.id != 0 && !channel.frame && channel.ram.bytes == 0);
        channel.notify.reset();
        channel.id = 0;
    }

  private:
    std::array<Channel, capacity> channels_{};
    uint64_t generation_ = 0;
};

}  // namespace skerry::monitor
