// A program's URPC channels on its dispatcher: polls them, blocks when they are quiet, and lets straight-line
// code call and wait. One a program.
#pragma once

#include <utility>

#include "urpc/urpc.hpp"
#include "usr/runtime/poker.hpp"

namespace skerry::usr::console {

using base::Error;
using base::Result;
using base::Status;

// Wakes a peer through its Notify capability.
class NotifyPoker final : public runtime::TracingPoker {
  public:
    explicit NotifyPoker(runtime::CapRef notify) : notify_{notify} {}
    void poke() override { (void)notify_.poke(message()).ok(); }  // a peer that has died needs no waking

  private:
    runtime::NotifyCap notify_;
};

// A call that goes on while its caller does other things. Must stay where it is until done.
template <typename Response>
struct Pending {
    bool done = false;
    Result<Response> result{Error::again};
};

class Loop final : public runtime::Pollable {
  public:
    // The dispatcher polls the loop from now on. It must have room for one more Pollable.
    explicit Loop(runtime::Program& self) : self_(self), scope_(set_.ready(), frames) {
        set_all(set_);
        Status added = self_.dispatcher.add(*this);
        SKERRY_ASSERT(added.ok());
    }
    ~Loop() { self_.dispatcher.remove(*this); }

    urpc::PollSet& set() { return set_; }
    urpc::FramePool& pool() { return pool_.pool(); }
    runtime::Program& program() { return self_; }

    // What is handled while polling may itself wait for a same-core message (memory, for one); then the
    // channels rest until that has come.
    bool poll() override { return set_.poll_all() != 0; }
    bool prepare_to_block() override { return set_.polling() || set_.prepare_to_block(); }
    void cancel_block() override {
        if (!set_.polling()) set_.cancel_block();
    }

    // Waits for the answer. Errors: what the peer answered, closed, no_memory.
    template <typename P, typename Request>
    Result<typename Request::Response> call(urpc::Caller<P>& peer, const Request& request) {
        if constexpr (urpc::CarriesCapability<Request>) {
            Pending<typename Request::Response> pending;
            start(peer, request, pending);
            (void)self_.dispatcher.wait_until([&] { return pending.done; }).ok();
            return pending.result;
        } else {
            auto call = peer.call(request);
            bool waits = start_in_place(call);
            if (waits) (void)self_.dispatcher.wait_until([&] { return call.done(); }).ok();
            return call.await_resume();
        }
    }
    // Returns at once; pending.done tells when it is over.
    template <typename P, typename Request>
    void start(urpc::Caller<P>& peer, const Request& request, Pending<typename Request::Response>& pending) {
        Status started = urpc::spawn(scope_, run<P, Request>(pool(), peer, request, &pending));
        if (started.ok()) return;
        pending.result = started.error();
        pending.done = true;
    }
    // Waits for room. Errors: closed; with a capability those of urpc::send_with.
    template <typename P, typename M>
    Status send(urpc::Caller<P>& peer, const M& message) {
        if constexpr (urpc::CarriesCapability<M>) {
            Pending<void> pending;
            SKERRY_CHECK(urpc::spawn(scope_, run_send(pool(), peer, message, &pending)));
            (void)self_.dispatcher.wait_until([&] { return pending.done; }).ok();
            return pending.result;
        }
        Status sent = Error::full;
        auto gone = [&] {
            sent = peer.try_send(message);
            return sent.error() != Error::full;
        };
        (void)self_.dispatcher.wait_until(gone).ok();
        return sent;
    }

  private:
    static constexpr uint32_t frames = 12;
    static constexpr size_t frame_bytes = 3072;  // a Spawn request, twice, and its answer

    // Waits in place for a moment, but not always: others have their turn in wait_until. False: the call is done.
    template <typename Call>
    bool start_in_place(Call& call) {
        bool here = ++calls_ % urpc::ReadyQueue::most_in_place != 0 && !set_.polling();
        if (!here) return call.await_suspend({});
        set_.set_polling(true);
        set_.ready().allow_in_place(1);
        bool waits = call.await_suspend({});
        set_.ready().allow_in_place(0);
        set_.set_polling(false);
        return waits;
    }
    template <typename P, typename Request>
    static urpc::Task<Status> run(urpc::FramePool& pool, urpc::Caller<P>& peer, Request request,
                                  Pending<typename Request::Response>* pending) {
        if constexpr (urpc::CarriesCapability<Request>) {
            auto call = urpc::call_with(pool, peer, request);
            auto result = co_await call;
            pending->result = result;
        } else {
            auto call = peer.call(request);
            auto result = co_await call;
            pending->result = result;
        }
        pending->done = true;
        co_return Status{};
    }
    template <typename P, typename M>
    static urpc::Task<Status> run_send(urpc::FramePool& pool, urpc::Caller<P>& peer, M message,
                                       Pending<void>* pending) {
        auto sending = urpc::send_with(pool, peer, message);
        Status status = co_await sending;
        pending->result = status;
        pending->done = true;
        co_return Status{};
    }

    runtime::Program& self_;
    urpc::PollSet set_;
    urpc::StaticFramePool<frame_bytes, frames> pool_;
    urpc::Scope scope_;
    uint32_t calls_ = 0;
};

}  // namespace skerry::usr::console
