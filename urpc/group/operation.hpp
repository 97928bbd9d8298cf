// Operations as coroutines await them, at the root:
//
//   Initiator initiator(ready, work);  Group group(initiator, ...);  initiator.attach(group);
//   auto operation = initiator.run(words);  Result<Words> answer = co_await operation;
//
// Several may do so at once: as many as the window admits are under way, the rest waits here, in order.
#pragma once

#include "urpc/group/group.hpp"

namespace skerry::urpc::group {

class Initiator final : public Work {
  public:
    // `work` does the root's own part, and is told as the group's owner.
    Initiator(ReadyQueue& ready, Work& work) : ready_(ready), work_(work) {}
    ~Initiator() { SKERRY_ASSERT(waiting_.empty() && flying_.empty()); }
    void attach(Group& group) { group_ = &group; }

    // Yields the merged answer. Errors: as the group ended (closed, corrupt, timed_out, ...).
    class [[nodiscard]] Operation : Waiter {
      public:
        Operation(Initiator& initiator, const Words& words) : initiator_(initiator), words_(words) {}
        Operation(const Operation&) = delete;
        Operation& operator=(const Operation&) = delete;
        bool await_ready() const { return false; }
        bool await_suspend(std::coroutine_handle<> awaiting);
        Result<Words> await_resume() const {
            if (error_ != Error::none) return error_;
            return words_;
        }

      private:
        friend class Initiator;
        Initiator& initiator_;
        Words words_;
        Error error_ = Error::none;
    };
    Operation run(const Words& words) { return Operation(*this, words); }

    bool perform(uint64_t operation, Words& words) override { return work_.perform(operation, words); }
    void merge(Words& sum, const Words& answer) override { work_.merge(sum, answer); }
    void completed(uint64_t operation, const Words& answer) override;
    void ended(Error reason, Member culprit) override;

  private:
    static Operation& of(Waiter& waiter) { return static_cast<Operation&>(waiter); }
    void pump();

    ReadyQueue& ready_;
    Work& work_;
    Group* group_ = nullptr;
    bool pumping_ = false;
    WaiterList waiting_, flying_;  // of Operation; flying in the order in which they began, and so complete
};

}  // namespace skerry::urpc::group
