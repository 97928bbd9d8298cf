// How coroutines sleep and are resumed. Whoever wakes one only puts it on the dispatcher's ReadyQueue; the
// dispatcher's loop resumes it from there. So a wake-up never runs other code in the middle of the waker's,
// and the stack does not grow with the number of wake-ups. One queue a dispatcher; nothing here is
// thread-safe.
//
//      coroutine --co_await event.wait()--> WaitList --set()--> ReadyQueue --run()--> coroutine
//
// A coroutine that is resumed last, when nobody else is ready, may wait in place for a moment: what it waits for
// mostly comes before the loop could look for it, and nobody is kept waiting but by a bounded number of looks.
#pragma once

#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "platforms/base/list.hpp"

namespace skerry::urpc {

// A suspended coroutine. It lives in the coroutine's own frame, so no queue needs memory.
struct Waiter {
    base::ListLink link;
    std::coroutine_handle<> handle;
    Waiter* next_ready = nullptr;
};
using WaiterList = base::List<Waiter, &Waiter::link>;

class ReadyQueue {
  public:
    ReadyQueue() = default;
    ReadyQueue(const ReadyQueue&) = delete;
    ReadyQueue& operator=(const ReadyQueue&) = delete;
    // At most once before it is resumed.
    void push(Waiter& waiter) {
        waiter.next_ready = nullptr;
        *last_ = &waiter;
        last_ = &waiter.next_ready;
    }
    bool empty() const { return first_ == nullptr; }

    // How a dispatcher that polls passes the time between two looks; null: nobody waits in place, as at first.
    using Pause = void (*)();
    void set_pause(Pause pause) { pause_ = pause; }
    Pause pause() const { return pause_; }
    static constexpr uint32_t most_in_place = 16;  // waits from one turn of the loop to the next

    // May the one who runs now wait in place? Counts as a wait if so.
    bool start_in_place() {
        if (in_place_ == 0 || first_ != nullptr) return false;
        --in_place_;
        return true;
    }
    // So many waits in place from now on, if there is a way to; returns how many there were. For whoever waits anyway.
    uint32_t allow_in_place(uint32_t waits) { return std::exchange(in_place_, pause_ == nullptr ? 0 : waits); }

    // Resumes what is ready, at most `limit`; returns how many. Call it from the dispatcher's loop only.
    size_t run(size_t limit = 64) {
        size_t count = 0;
        for (; count < limit; ++count) {
            Waiter* waiter = first_;
            if (!waiter) break;
            first_ = waiter->next_ready;
            if (first_ == nullptr) {
                last_ = &first_;
                if (pause_ != nullptr) in_place_ = most_in_place;
            }
            waiter->handle.resume();  // the waiter may be gone after this
            in_place_ = 0;
        }
        return count;
    }

  private:
    Waiter* first_ = nullptr;
    Waiter** last_ = &first_;
    Pause pause_ = nullptr;
    uint32_t in_place_ = 0;
};

// First come, first served. A waiter is never dropped: wake all before the list goes away.
class WaitList {
  public:
    explicit WaitList(ReadyQueue& ready) : ready_(ready) {}
    ~WaitList() { SKERRY_ASSERT(waiters_.empty()); }

    class [[nodiscard]] Wait : Waiter {
      public:
        explicit Wait(WaitList* list) : list_(list) {}
        bool await_ready() const { return list_ == nullptr; }
        void await_suspend(std::coroutine_handle<> coroutine) {
            handle = coroutine;
            list_->waiters_.push_back(*this);
        }
        void await_resume() const {}

      private:
        WaitList* list_;  // null: no need to wait
    };
    // auto wait = list.wait(); co_await wait;
    Wait wait() { return Wait(this); }

    bool wake_one() {
        Waiter* waiter = waiters_.pop_front();
        if (waiter) ready_.push(*waiter);
        return waiter != nullptr;
    }
    void wake_all() {
        while (wake_one()) {
        }
    }
    bool empty() const { return waiters_.empty(); }
    ReadyQueue& ready() { return ready_; }

  private:
    ReadyQueue& ready_;
    WaiterList waiters_;
};

// Something that happens once, and stays happened until reset.
class Event {
  public:
    explicit Event(ReadyQueue& ready) : waiting_(ready) {}
    void set() {
        set_ = true;
        waiting_.wake_all();
    }
    void reset() { set_ = false; }
    bool is_set() const { return set_; }
    WaitList::Wait wait() { return WaitList::Wait(set_ ? nullptr : &waiting_); }

  private:
    WaitList waiting_;
    bool set_ = false;
};

}  // namespace skerry::urpc
