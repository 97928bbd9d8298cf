#include "urpc/poll.hpp"

namespace skerry::urpc {

void PollSet::remove(Polled& member) {
    if (!member.link_.linked()) return;
    if (next_ == &member) next_ = members_.next(member);
    members_.remove(member);
}

size_t PollSet::poll_all() {
    SKERRY_ASSERT(next_ == nullptr);  // not from within a handler
    size_t count = 0;
    for (Polled* member = members_.front(); member; member = next_) {
        next_ = members_.next(*member);
        count += member->poll();
        // A member that removed itself is nobody's any more; one that is still here is alive.
        if (member->link_.linked() && !member->lasting_ && member->finished()) {
            members_.remove(*member);
            member->on_finished();
            ++count;
        }
    }
    next_ = nullptr;
    return count + ready_.run();
}

bool PollSet::prepare_to_block() {
    if (!ready_.empty()) return false;
    for (Polled* member = members_.front(); member; member = members_.next(*member)) {
        if (!member->finished() && member->prepare_to_block()) continue;
        cancel_block();
        return false;
    }
    return true;
}

void PollSet::cancel_block() {
    for (Polled* member = members_.front(); member; member = members_.next(*member)) member->cancel_block();
}

}  // namespace skerry::urpc
