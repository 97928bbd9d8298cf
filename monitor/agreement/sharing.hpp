// What an object's owner knows: which cores hold copies of it, or something made from one, and who is next to change
// that. All operations that concern other cores go through the owner, one at a time for each object, in the order in
// which they came; one that is not served yet waits at its initiator, in the initiator's frames.
//
//   uint64_t ticket = sharing.enter();   ... until sharing.turn(ticket) ...
//   copy out:  begin_copy(core)  --Deliver--> core  <--...  end_copy(taken)
//   revoke:    every holder takes its copies away and answers, then released(core) for each
//   release:   a holder that has nothing left is asked to let go; released(core) if it does
//   sharing.leave();
//
// So the set never misses a core: it is in it before the copy is on its way, and leaves it when the core has answered
// that it has none. Outside of a turn nothing is in flight, and the set is exact but for cores that are about to ask
// for their release.
#pragma once

#include "monitor/core_set.hpp"

namespace skerry::monitor::agreement {

class Sharing {
  public:
    static constexpr uint32_t most_waiting = 64;  // operations on one object; more are refused a ticket

    bool full() const { return last_ - served_ == most_waiting; }
    uint64_t enter() {
        SKERRY_ASSERT(!full());
        return ++last_;
    }
    bool turn(uint64_t ticket) const { return ticket == served_ + 1; }
    void leave() {
        SKERRY_ASSERT(served_ < last_ && !copying_);
        ++served_;
    }
    bool idle() const { return served_ == last_; }

    const CoreSet& holders() const { return holders_; }
    bool in_flight() const { return copying_; }
    void begin_copy(base::CoreId to) {
        SKERRY_ASSERT(!idle() && !copying_);
        copying_ = true;
        fresh_ = !holders_.contains(to);
        to_ = to;
        holders_.add(to);
    }
    void end_copy(bool taken) {
        SKERRY_ASSERT(copying_);
        copying_ = false;
        if (!taken && fresh_) holders_.remove(to_);
    }
    void released(base::CoreId core) {
        SKERRY_ASSERT(!idle() && !copying_);
        holders_.remove(core);
    }
    // Its core is fenced: it has let go of everything. At any time, also while a copy is on its way there.
    void lost(base::CoreId core) { holders_.remove(core); }
    // A core says that it holds it, which we have not sent it: it has made it, or had it of an owner that is lost. At any time.
    void declared(base::CoreId core) { holders_.add(core); }
    bool operator==(const Sharing&) const = default;

  private:
    CoreSet holders_;
    uint64_t last_ = 0, served_ = 0;  // tickets
    base::CoreId to_;
    bool copying_ = false, fresh_ = false;
};

}  // namespace skerry::monitor::agreement
