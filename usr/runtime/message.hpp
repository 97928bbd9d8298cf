// A same-core message as it arrives, and the bounded inbox where it waits for the thread that wants it.
#pragma once

#include <array>
#include <cstdint>

#include "capabilities/interface/system_call.hpp"

namespace skerry::runtime {

struct Message {         // the upcall entry lays out exactly this
    uint64_t token = 0;  // of the endpoint
    capabilities::SendHeader header{};
    uint64_t badge = 0;  // of the sender's capability; nobody can forge it
    std::array<uint64_t, 10> word{};
    capabilities::CapRef cap{};  // the slot of the capability that came along; the taker owns it. Null: none came

    bool cap_refused() const { return (header.word & capabilities::SendHeader::cap_refused) != 0; }
};
static_assert(sizeof(Message) == 14 * 8);

// Holds messages in order of arrival. One sender (token and badge) may hold a quarter of it; of what it sends
// beyond that only the last is kept (a flooding program's end must be heard). When it is full, whoever holds most loses
// its oldest, so several that flood cannot keep others out: only a sender that breaks its protocol's credits is hurt
// (law 12).
class Inbox {
  public:
    static constexpr uint32_t capacity = 64;
    static constexpr uint32_t per_sender = 16;

    enum class Put { stored, dropped, full };
    // stored; dropped: `message` is now the one that had to go; full: nothing was stored, `message` has to
    // go (no sender holds more than one).
    Put put(Message& message);
    // Removes the first message that `wanted` accepts.
    template <typename Wanted>
    bool take(Wanted&& wanted, Message& out) {
        for (uint32_t i = 0; i < count_; ++i) {
            if (!wanted(const_cast<const Message&>(messages_[i]))) continue;
            out = messages_[i];
            remove(i);
            return true;
        }
        return false;
    }
    // There is no room for one more, and nobody holds more than one.
    bool nearly_full() const { return count_ >= capacity - 1 && most_held() == count_; }
    uint32_t count() const { return count_; }
    uint64_t dropped() const { return dropped_; }

  private:
    void remove(uint32_t index);
    uint32_t held_by_sender_of(uint32_t index) const;
    // Index of the oldest message of the sender that holds most; count_ if nobody holds two.
    uint32_t most_held() const;
    std::array<Message, capacity> messages_{};
    uint32_t count_ = 0;
    uint64_t dropped_ = 0;
};

}  // namespace skerry::runtime
