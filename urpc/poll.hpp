// All that one dispatcher polls, and the coroutines that became ready. The dispatcher's loop:
//
//   for (;;) {
//       while (set.poll_all() != 0) { }                 // and on for P cycles, the price of blocking
//       if (set.prepare_to_block()) wait();             // the system call; returns when poked
//       set.cancel_block();
//   }
#pragma once

#include <atomic>

#include "platforms/base/list.hpp"
#include "urpc/wait.hpp"

namespace skerry::urpc {

// One thing that is polled: a Connection, or something of the user's own.
class Polled {
  public:
    virtual size_t poll() = 0;                       // handles a bounded number of messages; returns how many
    virtual bool prepare_to_block() = 0;             // announces; false (nothing announced) if something is there
    virtual void cancel_block() = 0;                 // takes the announcement back, if there is one
    virtual bool finished() const { return false; }  // closed, and nothing refers to it any more
    virtual void on_finished() {}                    // once, after it has left the set: the owner may destroy it here

  protected:
    // A member that says so is not asked whether it is finished, which saves a look at every turn.
    void set_lasting(bool lasting) { lasting_ = lasting; }
    // A member that says so is polled only when `word` does not hold `quiet`, and every look_interval turns.
    void watch(const std::atomic<uint64_t>& word, uint64_t quiet) {
        watched_ = &word;
        quiet_ = quiet;
    }
    void watch_nothing() { watch(never_quiet, 0); }  // polled at every turn, as at first
    Polled() = default;
    ~Polled() = default;
    Polled(const Polled&) = delete;
    Polled& operator=(const Polled&) = delete;

  private:
    friend class PollSet;
    static constexpr std::atomic<uint64_t> never_quiet{1};
    // Relaxed: poll() looks again before it believes anything.
    bool quiet() const { return watched_->load(std::memory_order_relaxed) == quiet_; }

    base::ListLink link_;
    const std::atomic<uint64_t>* watched_ = &never_quiet;
    uint64_t quiet_ = 0;
    bool lasting_ = false;
};

class PollSet {
  public:
    PollSet() = default;
    ~PollSet() { SKERRY_ASSERT(members_.empty()); }

    static constexpr uint32_t look_interval = 256;  // turns

    // The newest is looked at first.
    void add(Polled& member) { members_.push_front(member); }
    void remove(Polled& member);  // also while polling; no harm if it has left already
    bool empty() const { return members_.empty(); }

    // Polls each member that is not quiet, in each look_interval-th turn all, then resumes the coroutines that are ready.
    // Returns how many messages were handled and coroutines resumed; 0 = all quiet. From within a handler nothing is
    // done: what is polled rests until the handler has ended.
    size_t poll_all() {
        if (polling_) [[unlikely]]
            return 0;
        if (--until_look_ == 0) [[unlikely]]
            return poll_every_one();
        Polled* member = members_.front();
        while (member != nullptr && member->quiet()) member = members_.next(*member);
        return member == nullptr && ready_.empty() ? 0 : poll_from(member);
    }

    // Somebody handles messages or waits for one in place: poll_all() does nothing.
    bool polling() const { return polling_; }
    void set_polling(bool polling) { polling_ = polling; }

    // True: every peer will poke us from now on, and nothing is waiting: block. False: go on polling.
    bool prepare_to_block();
    void cancel_block();

    ReadyQueue& ready() { return ready_; }

  private:
    // From `member` on, which is not quiet; null: just those that are ready.
    size_t poll_from(Polled* member) {
        polling_ = true;
        size_t count = 0;
        while (member != nullptr) {
            next_ = members_.next(*member);
            count += visit(*member);
            for (member = next_; member != nullptr && member->quiet();) member = members_.next(*member);
        }
        next_ = nullptr;
        if (!ready_.empty()) count += ready_.run();
        polling_ = false;
        return count;
    }
    size_t poll_every_one();
    size_t visit(Polled& member) {
        size_t count = member.poll();
        // A member that removed itself is nobody's any more; one that is still here is alive.
        return member.lasting_ ? count : count + let_go(member);
    }
    size_t let_go(Polled& member);

    ReadyQueue ready_;
    base::List<Polled, &Polled::link_> members_;
    Polled* next_ = nullptr;  // the member to be polled next, so that any may leave meanwhile
    uint32_t until_look_ = look_interval;
    bool polling_ = false;
};

}  // namespace skerry::urpc
