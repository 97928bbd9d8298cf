#include "urpc/poll.hpp"

#include <utility>

namespace skerry::urpc {

void PollSet::remove(Polled& member) {
    if (!member.link_.linked()) return;
    if (found_ == &member) found_ = nullptr;
    if (next_ == &member) next_ = members_.next(member);
    members_.remove(member);
}

size_t PollSet::poll_all() {
    SKERRY_ASSERT(next_ == nullptr);  // not from within a handler
    size_t count = 0;
    bool all = (++turns_ & (look_interval - 1)) == 0;
    Polled* found = std::exchange(found_, nullptr);
    for (Polled* member = found != nullptr && !all ? found : members_.front(); member;) {
        if (!all && member->quiet()) {
            member = members_.next(*member);
            continue;
        }
        next_ = members_.next(*member);
        count += visit(*member);
        member = next_;
    }
    next_ = found_ = nullptr;
    return ready_.empty() ? count : count + ready_.run();
}

inline size_t PollSet::visit(Polled& member) {
    size_t count = member.poll();
    // A member that removed itself is nobody's any more; one that is still here is alive.
    if (member.lasting_ || !member.link_.linked() || !member.finished()) [[likely]]
        return count;
    members_.remove(member);
    member.on_finished();
    return count + 1;
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
