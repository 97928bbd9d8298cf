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
    if (count_ == capacity) {
        ++dropped_;
        return Put::full;
    }
    messages_[count_++] = message;
    return Put::stored;
}

void Inbox::remove(uint32_t index) {
    SKERRY_ASSERT(index < count_);
    --count_;
    for (uint32_t i = index; i < count_; ++i) messages_[i] = messages_[i + 1];
}

}  // namespace skerry::runtime
