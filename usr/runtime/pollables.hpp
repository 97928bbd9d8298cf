// Two things that most services wait for: their URPC rings, and same-core messages handled by the thread.
#pragma once

#include "urpc/poll.hpp"
#include "usr/runtime/dispatcher.hpp"

namespace skerry::runtime {

// The rings and coroutines of a PollSet.
class PolledRings final : public Pollable {
  public:
    explicit PolledRings(urpc::PollSet& set) : set_(&set) {}
    bool poll() override { return set_->poll_all() != 0; }
    bool prepare_to_block() override { return set_->prepare_to_block(); }
    void cancel_block() override { set_->cancel_block(); }

  private:
    urpc::PollSet* set_;
};

// Hands the inbox's messages of one token to a handler, in the thread: unlike Dispatcher::on_message, the
// handler may use coroutines, the heap, and wait. Replies that others wait for by tag must be left: `wanted`
// says which to take.
class MessagePump final : public Pollable {
  public:
    using Wanted = bool (*)(void* context, const Message& message);
    using Handler = void (*)(void* context, Message& message);  // owns message.cap
    MessagePump(Dispatcher& dispatcher, Wanted wanted, Handler handler, void* context)
        : dispatcher_(&dispatcher), wanted_(wanted), handler_(handler), context_(context) {}

    bool poll() override {
        constexpr uint32_t batch = 16;
        uint32_t count = 0;
        Message message;
        auto wanted = [this](const Message& m) { return wanted_(context_, m); };
        for (; count < batch && dispatcher_->take(wanted, message); ++count) handler_(context_, message);
        return count != 0;
    }
    bool prepare_to_block() override {
        return true;
    }  // each message is an event: the dispatcher does not block
    void cancel_block() override {}

  private:
    Dispatcher* dispatcher_;
    Wanted wanted_;
    Handler handler_;
    void* context_;
};

}  // namespace skerry::runtime
