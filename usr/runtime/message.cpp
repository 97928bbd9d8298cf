#include "usr/runtime/message.hpp"

#include "platforms/base/assert.hpp"

namespace skerry::runtime {

Inbox::Put Inbox::put(const Message& message) {
    if (count_ == capacity) return Put::full;
    if (count_ >= per_sender) {
        uint32_t same = 0;
        for (uint32_t i = 0; i < count_; ++i) {
            same += messages_[i].token == message.token && messages_[i].badge == message.badge;
        }
        if (same >= per_sender) {
            ++dropped_;
            return Put::dropped;
        }
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
