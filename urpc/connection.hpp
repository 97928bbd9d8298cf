// A channel shared by coroutines: calls in flight, messages that wait for credits, requests being served.
// This is the part that knows no message types; call.hpp puts the types on.
//
//                   no call slot       no credits             sent, a call
//   Exchange -----> callers_ --------> senders_ ------------> in_flight_ -----> ReadyQueue -> resumed
//                                          `--- sent, one way --------------------^
//
// Calls are matched to responses by message id and opcode, so responses may come in any order. Both sides
// agree on how many calls one side may have in flight; the rest waits at the caller (law 11), so a peer that
// keeps to it always finds a handler free, and calls in both directions cannot block each other. From a peer
// that does not, nothing more is received until a handler ends: it runs out of credits.
#pragma once

#include <array>

#include "urpc/capability.hpp"
#include "urpc/channel.hpp"
#include "urpc/poll.hpp"

namespace skerry::urpc {

class Connection;

// One message on its way out and, for a call, the response. Lives in the awaiting coroutine's frame.
class Exchange : public Waiter {
  public:
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    bool await_ready() const { return false; }
    bool await_suspend(std::coroutine_handle<> awaiting);

  protected:
    // `response` = 0: one way.
    Exchange(Connection& connection, std::span<uint64_t> buffer, uint8_t opcode, uint8_t response)
        : connection_(connection), buffer_(buffer), opcode_(opcode), response_(response) {}

    Error conclude();  // in await_resume: how it ended

    Connection& connection_;
    std::span<uint64_t> buffer_;  // the words to send, later those of the response
    size_t words_ = 0;            // used in buffer_
    uint8_t opcode_;
    uint8_t response_;  // opcode
    bool control_ = false;
    bool answers_ = false;  // id_ is a request's
    uint16_t id_ = 0;
    Error error_ = Error::none;

  private:
    friend class Connection;
};

class Connection : public Polled {
  public:
    static constexpr uint32_t most_calls = 64;
    static constexpr uint32_t usual_calls = 8;

    // `calls`: how many calls each direction may have in flight, at most most_calls; the same on both sides.
    Connection(PollSet& set, const ChannelLayout& layout, Poker& poker, std::span<uint64_t> assembly, uint64_t protocol,
               uint32_t calls);

    // Closes the channel; whoever waits is resumed with Error::closed. When finished(), the PollSet lets go.
    void close(Error reason = Error::closed);
    bool closed() const { return channel_.closed(); }
    Error reason() const { return channel_.reason(); }
    Channel& channel() { return channel_; }
    uint32_t handlers_live() const { return handlers_.live(); }

    // Capabilities go this way from now on; without one, messages that have one are refused. Null: none again.
    void set_courier(Courier* courier) { courier_ = courier; }
    // As the Courier's; nothing to do for a null capability.
    Task<Status> bring(FramePool& pool, Capability& capability);
    void sent(const Capability& capability);
    Status claim(const Capability& capability);

    size_t poll() final;
    bool prepare_to_block() final;
    void cancel_block() final { channel_.cancel_block(); }
    bool finished() const final { return closed() && exchanges_ == 0 && handlers_.live() == 0; }

  protected:
    ~Connection();

    // A message that is not a response. An error closes the channel with that reason.
    virtual Status serve(const Message& message) = 0;
    virtual bool is_response(uint8_t opcode) const = 0;
    // The peer broke the rules, and the channel is closed for it: reason(). Once, from poll().
    virtual void on_violation() {}

    // Answers a call by an error, when no frame or credit is to be had too: kept until it can be sent.
    void fail_call(uint16_t id, Error error);
    // Sends now, unless others wait or there is no room (Error::full).
    Status try_send_now(uint8_t opcode, uint16_t id, std::span<const uint64_t> words);
    uint16_t fresh_id();
    Scope& handlers() { return handlers_; }

  private:
    friend class Exchange;
    struct Failure {
        uint16_t id;
        Error error;
    };

    bool begin(Exchange& exchange);
    bool transmit(Exchange& exchange);
    Status put_on_channel(Exchange& exchange);
    void finish(Exchange& exchange, Error error);
    Status deliver(const Message& message);
    Status complete_call(const Message& message);
    bool accepts() const { return !handlers_.full() && failure_count_ < most_calls; }
    void flush_failures();
    void pump();
    void drop_all();

    PollSet& set_;
    Channel channel_;
    Scope handlers_;
    Courier* courier_ = nullptr;
    uint32_t call_limit_;
    uint32_t calls_ = 0;      // with a call slot
    uint32_t exchanges_ = 0;  // awaited and not concluded
    uint16_t last_id_ = 0;
    WaiterList callers_, senders_, in_flight_;  // of Exchange
    std::array<Failure, most_calls> failures_{};
    uint32_t failure_count_ = 0;
};

}  // namespace skerry::urpc
