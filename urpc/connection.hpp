// A channel shared by coroutines: calls in flight, messages that wait for credits, requests being served.
// This is the part that knows no message types; call.hpp puts the types on.
//
//                   no call slot       no credits             sent, a call
//   Exchange -----> callers_ --------> senders_ ------------> in_flight_ -----> ReadyQueue -> resumed
//      |                                   `--- sent, one way --------------------^
//      `--- the straight way: a slot is free, there is a credit, nobody waits ----> in_flight_
//
// The straight way, for messages of one line, is the one that nearly all go: in line, from the message's fields into
// the ring and out of it, past all queues and buffers. What may stand in its way is known as one word (Channel's bends);
// then the other way is taken, which knows everything.
//
// Calls are matched to responses by message id, whose lower bits are the place in in_flight_, and opcode, so responses
// may come in any order. Both sides
// agree on how many calls one side may have in flight; the rest waits at the caller (law 11), so a peer that
// keeps to it always finds a handler free, and calls in both directions cannot block each other. From a peer
// that does not, nothing more is received until a handler ends: it runs out of credits.
#pragma once

#include <array>
#include <bit>

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
    bool await_suspend(std::coroutine_handle<> awaiting);  // false: done already
    // For straight-line code, which asks instead of being resumed: await_suspend({}), then poll until done().
    bool done() const { return done_; }

  protected:
    // `response` = 0: one way. `room`: words of the longest response, whole lines' worth.
    Exchange(Connection& connection, uint64_t* buffer, uint8_t opcode, uint8_t response, uint16_t room)
        : connection_(connection), buffer_(buffer), room_(room), opcode_(opcode), response_(response) {}

    Error conclude();  // in await_resume: how it ended

    Connection& connection_;
    uint64_t* buffer_;    // the words to send, later those of the response
    uint16_t words_ = 0;  // used in buffer_
    uint16_t room_;
    uint8_t opcode_;
    uint8_t response_;  // opcode
    bool control_ = false;
    bool answers_ = false;  // id_ is a request's
    uint16_t id_ = 0;
    bool done_ = false;
    uint8_t line_words_ = payload_words;  // of a response of one line: how many it may use
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
    // Somebody's call, or message that there was no room for yet.
    bool awaited() const { return exchanges_ != 0; }
    Error reason() const { return channel_.reason(); }
    Channel& channel() { return channel_; }
    uint32_t handlers_live() const { return handlers_.live(); }

    // Capabilities go this way from now on; without one, messages that have one are refused. Null: none again.
    void set_courier(Courier* courier) { courier_ = courier; }
    // As the Courier's; nothing to do for a null capability.
    Task<Status> bring(FramePool& pool, Capability& capability);
    void sent(const Capability& capability);
    Status claim(Capability& capability);

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
    // The straight way, line by line; whatever else there is to do bends it. `serve_line(header)` takes a message of the
    // protocol, whole, in channel().line(), of which it calls taken() when it has read it. An error closes the channel.
    template <typename ServeLine>
    [[gnu::always_inline]] size_t poll_straight(ServeLine&& serve_line) {
        for (size_t handled = 0;; ++handled) {
            if (!channel_.straight() || handled == poll_budget) [[unlikely]]
                return poll_on(handled);
            uint64_t header = channel_.look();
            if (!channel_.is_single(header)) {
                // What belongs nowhere is as good as nothing until a later turn, which judges it.
                if (handled == 0 || channel_.is_current(header)) [[unlikely]]
                    return poll_on(handled);
                watch(channel_.line().header, header);
                return handled;
            }
            Status status = serve_line(header);
            if (!status.ok()) [[unlikely]]
                end_for(status.error());
        }
    }
    [[gnu::always_inline]] Status taken(uint64_t header) { return channel_.take(header); }
    // A response in the line.
    Status complete_line(uint64_t header);
    // The same as a message, for those that may be longer than a line.
    Status serve_copy(uint64_t header);
    // A place in the ring, if a message of one line can go the straight way.
    Line* straight_line() { return channel_.straight() && channel_.has_credit() ? &channel_.next_line() : nullptr; }
    template <typename P, typename M>
    bool put_line(const M& message, uint16_t id) {
        Line* line = straight_line();
        if (line == nullptr) [[unlikely]]
            return false;
        P::write(message, *line);
        channel_.publish(P::template opcode<M>, id);
        return true;
    }

    // Answers a call by an error, when no frame or credit is to be had too: kept until it can be sent.
    void fail_call(uint16_t id, Error error);
    // Sends now, unless others wait or there is no room (Error::full).
    Status try_send_now(uint8_t opcode, uint16_t id, std::span<const uint64_t> words);
    // Its lower bits are zero, for the slot of a call.
    uint16_t fresh_id() { return last_id_ = static_cast<uint16_t>(last_id_ + most_calls); }
    // A handler was started: is there room for more?
    void handler_started() { review(); }
    Scope& handlers() { return handlers_; }

  private:
    friend class Exchange;
    template <typename P, typename Request>
    friend class Call;
    struct Failure {
        uint16_t id;
        Error error;
    };
    static constexpr size_t poll_budget = 32;  // messages handled before another channel has its turn
    static constexpr uint32_t looks_in_place =
        16;  // each after a pause: as long as a typed answer takes, and some more
    static constexpr uint32_t calls_after_none = 8;  // that do not wait in place, after one that did in vain

    bool begin(Exchange& exchange);
    // A call goes the straight way: where its words go, then launch(). Null: begin() it.
    Line* begin_line(Exchange& call) {
        if (free_slots_ == 0) [[unlikely]]
            return nullptr;
        Line* line = straight_line();
        if (line == nullptr) [[unlikely]]
            return nullptr;
        ++exchanges_;
        call.id_ = choose_slot();
        return line;
    }
    // A call whose words lie in next_line(). False: answered already. Who waits in place is in no slot: nobody else looks.
    bool launch(Exchange& call) {
        bool here = free_slots_ == all_slots_ && set_.ready().start_in_place();
        if (!here) take_slot(call);
        channel_.publish(call.opcode_, call.id_);
        return !here || !answered_in_place(call);
    }
    // Looks for the answer to the only call in flight, for a moment.
    [[gnu::always_inline]] bool answered_in_place(Exchange& call) {
        ReadyQueue::Pause pause = set_.ready().pause();
        const uint64_t answer = Header::single(call.response_, call.id_);
        uint32_t looks = not_in_place_ == 0 ? looks_in_place : 0;
        for (; looks != 0 && channel_.straight(); --looks) {
            pause();
            uint64_t header = channel_.look();
            if (channel_.is_exactly(answer, header)) {
                copy_line(call);
                Status status = taken(header);
                call.error_ = status.error();
                call.done_ = true;
                if (!status.ok()) [[unlikely]]
                    end_for(status.error());
                return true;
            }
            if (channel_.is_current(header)) break;  // something else comes first
        }
        not_in_place_ = not_in_place_ == 0 ? calls_after_none : static_cast<uint16_t>(not_in_place_ - 1);
        take_slot(call);
        return false;
    }
    // What the response may use of the line.
    void copy_line(Exchange& call) {
        const Line& line = channel_.line();
        uint32_t i = 0;
        do {
            call.buffer_[i] = line.payload[i].load(std::memory_order_relaxed);
        } while (++i < call.line_words_);
        call.words_ = payload_words;
    }
    // Needs a free one. Whose id it is from then on, once it is taken.
    uint16_t choose_slot() { return static_cast<uint16_t>(fresh_id() | std::countr_zero(free_slots_)); }
    void take_slot(Exchange& call) {
        free_slots_ &= ~(uint64_t{1} << slot_of(call.id_));
        in_flight_[slot_of(call.id_)] = &call;
    }
    Exchange* leave_slot(uint16_t id, uint8_t response);
    bool transmit(Exchange& exchange);
    Status put_on_channel(Exchange& exchange);
    void finish(Exchange& exchange, Error error);
    Status deliver(const Message& message);
    Status complete_call(const Message& message);
    static size_t slot_of(uint16_t id) { return id % most_calls; }
    bool accepts() const { return !handlers_.full() && failure_count_ < most_calls; }
    void flush_failures();
    void pump();
    void drop_all();
    size_t poll_on(size_t handled);
    size_t poll_all_ways(size_t budget);
    void end_for(Error why);  // closes, and tells a violation
    void review();

    PollSet& set_;
    Channel channel_;
    uint64_t free_slots_;  // of in_flight_: a call is sent only when it has one
    uint64_t all_slots_;
    uint32_t exchanges_ = 0;  // awaited and not concluded
    uint16_t last_id_ = 0;
    uint16_t not_in_place_ = 0;  // so many calls do not wait in place
    std::array<Exchange*, most_calls> in_flight_{};
    Scope handlers_;
    Courier* courier_ = nullptr;
    WaiterList callers_, senders_;  // of Exchange
    std::array<Failure, most_calls> failures_{};
    uint32_t failure_count_ = 0;
};

inline Error Exchange::conclude() {
    SKERRY_ASSERT(connection_.exchanges_ > 0);
    --connection_.exchanges_;
    return error_;
}

}  // namespace skerry::urpc
