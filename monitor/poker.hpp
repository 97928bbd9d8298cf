// Wakes a peer through its Notify capability; nobody while that is not known yet.
#pragma once

#include "urpc/channel.hpp"
#include "usr/runtime/owned.hpp"

namespace skerry::monitor {

class NotifyPoker final : public urpc::Poker {
  public:
    NotifyPoker() = default;
    explicit NotifyPoker(runtime::Owned notify) : notify_(std::move(notify)) {}
    void set(runtime::Owned notify) { notify_ = std::move(notify); }
    runtime::CapRef ref() const { return notify_.ref(); }
    // A peer that has died needs no waking.
    void poke() override {
        if (notify_) (void)runtime::NotifyCap{notify_.ref()}.poke().ok();
    }

  private:
    runtime::Owned notify_;
};

}  // namespace skerry::monitor
