#include "usr/runtime/message.hpp"

#include <utility>

#include "platforms/base/assert.hpp"

namespace skerry::runtime {

Inbox::Put Inbox::put(Message& message) {
    uint32_t same = 0, last = 0;
    for (uint32_t i = 0; i < count_ && count_ >= per_sender; ++i) {
        if (messages_[i].token != message.token || messages_[i].badge != message.badge) continue;
        ++same;
        last = i;
    }
    if (same >= per_sender) {
        ++dropped_;
        std::swap(messages_[last], message);
        return Put::dropped;
    }
    if (count_ < capacity) {
        messages_[count_++] = message;
        return Put::stored;
    }
    ++dropped_;
    uint32_t oldest = most_held();
    if (oldest == count_) return Put::full;
    Message goes = messages_[oldest];
    remove(oldest);
    messages_[count_++] = message;
    message = goes;
    return Put::dropped;
}

uint32_t Inbox::held_by_sender_of(uint32_t index) const {
    uint32_t held = 0;
    for (uint32_t i = 0; i < count_; ++i) {
        held += messages_[i].token == messages_[index].token && messages_[i].badge == messages_[index].badge;
    }
    return held;
}

uint32_t Inbox::most_held() const {
    uint32_t most = 1, oldest = count_;
    for (uint32_t i = 0; i < count_; ++i) {
        uint32_t held = held_by_sender_of(i);
        if (held <= most) continue;
        most = held;
        oldest = i;
    }
    return oldest;
}

void Inbox::remove(uint32_t index) {
    SKERRY_ASSERT(index < count_);
    --count_;
    for (uint32_t i = index; i < count_; ++i) messages_[i] = messages_[i + 1];
}

}  // namespace skerry::runtime
