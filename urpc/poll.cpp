#include "urpc/poll.hpp"

namespace skerry::urpc {

void PollSet::remove(Polled& member) {
    if (!member.link_.linked()) return;
    if (next_ == &member) next_ = members_.next(member);
    members_.remove(member);
}

size_t PollSet::poll_every_one() {
    until_look_ = look_interval;
    polling_ = true;
    size_t count = 0;
    for (Polled* member = members_.front(); member != nullptr; member = next_) {
        next_ = members_.next(*member);
        count += visit(*member);
    }
    next_ = nullptr;
    count += ready_.run();
    polling_ = false;
    return count;
}

// Lets the member go if it is finished; 1 if so.
size_t PollSet::let_go(Polled& member) {
    if (!member.link_.linked() || !member.finished()) return 0;
    members_.remove(member);
    member.on_finished();
    return 1;
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
