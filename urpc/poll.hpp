// All that one dispatcher polls, and the coroutines that became ready. The dispatcher's loop:
//
//   for (;;) {
//       while (set.poll_all() != 0) { }                 // and on for P cycles, the price of blocking
//       if (set.prepare_to_block()) wait();             // the system call; returns when poked
//       set.cancel_block();
//   }
#pragma once

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
    Polled() = default;
    ~Polled() = default;
    Polled(const Polled&) = delete;
    Polled& operator=(const Polled&) = delete;

  private:
    friend class PollSet;
    base::ListLink link_;
    bool lasting_ = false;
};

class PollSet {
  public:
    PollSet() = default;
    ~PollSet() { SKERRY_ASSERT(members_.empty()); }

    void add(Polled& member) { members_.push_back(member); }
    void remove(Polled& member);  // also while polling; no harm if it has left already
    bool empty() const { return members_.empty(); }

    // Polls each member once, then resumes the coroutines that are ready. Returns how many messages were
    // handled and coroutines resumed; 0 = all quiet.
    size_t poll_all();

    // True: every peer will poke us from now on, and nothing is waiting: block. False: go on polling.
    bool prepare_to_block();
    void cancel_block();

    ReadyQueue& ready() { return ready_; }

  private:
    ReadyQueue ready_;
    base::List<Polled, &Polled::link_> members_;
    Polled* next_ = nullptr;  // the member to be polled next, so that any may leave meanwhile
};

}  // namespace skerry::urpc
