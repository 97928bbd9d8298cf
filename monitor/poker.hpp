// Wakes a peer through its Notify capability; nobody while that is not known yet.
#pragma once

#include "usr/runtime/owned.hpp"
#include "usr/runtime/poker.hpp"

namespace skerry::monitor {

class NotifyPoker final : public runtime::TracingPoker {
  public:
    NotifyPoker() = default;
    explicit NotifyPoker(runtime::Owned notify) : notify_(std::move(notify)) {}
    void set(runtime::Owned notify) { notify_ = std::move(notify); }
    runtime::CapRef ref() const { return notify_.ref(); }
    // A peer that has died needs no waking.
    void poke() override {
        if (notify_) (void)runtime::NotifyCap{notify_.ref()}.poke(message()).ok();
    }

  private:
    runtime::Owned notify_;
};

}  // namespace skerry::monitor
