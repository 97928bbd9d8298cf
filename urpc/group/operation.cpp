#include "urpc/group/operation.hpp"

namespace skerry::urpc::group {

// False: it is over already.
bool Initiator::Operation::await_suspend(std::coroutine_handle<> awaiting) {
    SKERRY_ASSERT(initiator_.group_ != nullptr);
    handle = awaiting;
    if (initiator_.group_->closed()) {
        error_ = initiator_.group_->reason();
        return false;
    }
    initiator_.waiting_.push_back(*this);
    initiator_.pump();
    return true;
}

// The operation joins those that fly before it begins: a group of one completes it at once.
void Initiator::pump() {
    if (std::exchange(pumping_, true)) return;
    while (!group_->closed() && !group_->full()) {
        Waiter* waiter = waiting_.pop_front();
        if (waiter == nullptr) break;
        flying_.push_back(*waiter);
        auto begun = group_->begin(of(*waiter).words_);
        SKERRY_ASSERT(begun.ok());
    }
    pumping_ = false;
}

void Initiator::completed(uint64_t operation, const Words& answer) {
    Waiter* waiter = flying_.pop_front();
    SKERRY_ASSERT(waiter != nullptr);  // all operations are begun here
    of(*waiter).words_ = answer;
    ready_.push(*waiter);
    work_.completed(operation, answer);
    pump();
}

void Initiator::ended(Error reason, Member culprit) {
    for (WaiterList* list : {&flying_, &waiting_}) {
        while (Waiter* waiter = list->pop_front()) {
            of(*waiter).error_ = reason;
            ready_.push(*waiter);
        }
    }
    work_.ended(reason, culprit);
}

}  // namespace skerry::urpc::group
