#include "urpc/connection.hpp"

namespace skerry::urpc {

namespace {
Exchange& exchange_of(Waiter& waiter) {
    return static_cast<Exchange&>(waiter);
}
uint64_t lowest_bits(uint32_t count) {
    return count == 64 ? ~uint64_t{0} : (uint64_t{1} << count) - 1;
}
}  // namespace

bool Exchange::await_suspend(std::coroutine_handle<> awaiting) {
    handle = awaiting;
    return connection_.begin(*this);
}

Connection::Connection(PollSet& set, const ChannelLayout& layout, Poker& poker, std::span<uint64_t> assembly,
                       uint64_t protocol, uint32_t calls)
    : set_(set),
      channel_(layout, poker, assembly, protocol),
      free_slots_(lowest_bits(calls)),
      all_slots_(free_slots_),
      handlers_(set.ready(), calls) {
    SKERRY_ASSERT(calls >= 1 && calls <= most_calls);
    SKERRY_ASSERT(assembly.size() <= layout.longest_message() * payload_words);  // else it might never get through
    set_.add(*this);
    set_lasting(true);
}

Connection::~Connection() {
    SKERRY_ASSERT(exchanges_ == 0);
    channel_.close();
    set_.remove(*this);
}

// True: suspended, and resumed when sent (one way) or answered (a call). False: done or failed already.
bool Connection::begin(Exchange& exchange) {
    ++exchanges_;
    if (closed()) {
        exchange.error_ = reason();
        exchange.done_ = true;
        return false;
    }
    bool waits = exchange.response_ != 0 && free_slots_ == 0;
    if (waits) {
        callers_.push_back(exchange);
    } else {
        if (exchange.response_ != 0) {
            exchange.id_ = choose_slot();
            take_slot(exchange);
        }
        if (!senders_.empty() || !transmit(exchange)) senders_.push_back(exchange);
    }
    review();
    return !exchange.done_;
}

// Tries to send. True: gone, or failed for good; done unless it is a call that now waits for its answer.
bool Connection::transmit(Exchange& exchange) {
    auto status = put_on_channel(exchange);
    if (status.error() == Error::full) return false;
    exchange.error_ = status.error();
    if (status.ok() && exchange.response_ != 0) return true;
    if (exchange.response_ != 0) (void)leave_slot(exchange.id_, exchange.response_);
    exchange.done_ = true;
    return true;
}

Status Connection::put_on_channel(Exchange& exchange) {
    if (!exchange.answers_ && exchange.response_ == 0) exchange.id_ = fresh_id();
    std::span<const uint64_t> words(exchange.buffer_, exchange.words_);
    if (exchange.control_) return channel_.try_send_control(Control::failure, exchange.id_, words[0]);
    return channel_.try_send(exchange.opcode_, exchange.id_, words);
}

Status Connection::try_send_now(uint8_t opcode, uint16_t id, std::span<const uint64_t> words) {
    if (!senders_.empty()) return Error::full;
    Status sent = channel_.try_send(opcode, id, words);
    if (channel_.ending()) review();
    return sent;
}

// Takes the call with this id out of flight. Null: there is none that waits for this response.
Exchange* Connection::leave_slot(uint16_t id, uint8_t response) {
    Exchange* call = in_flight_[slot_of(id)];
    if (call == nullptr || call->id_ != id || call->response_ != response) [[unlikely]]
        return nullptr;
    in_flight_[slot_of(id)] = nullptr;
    free_slots_ |= uint64_t{1} << slot_of(id);
    return call;
}

inline void Connection::finish(Exchange& exchange, Error error) {
    exchange.error_ = error;
    exchange.done_ = true;
    if (exchange.handle) set_.ready().push(exchange);
}

// Whatever it was that stopped poll_straight().
size_t Connection::poll_on(size_t handled) {
    if (handled == poll_budget) {
        review();
        return handled;
    }
    if (!channel_.straight()) return handled + poll_all_ways(poll_budget - handled);
    uint64_t header = channel_.look();
    if (!channel_.is_stale(header)) return handled + poll_all_ways(poll_budget - handled);
    watch(channel_.line().header, header);
    if (handled == 0 && channel_.look_for_end()) watch_nothing();
    return handled;
}

void Connection::end_for(Error why) {
    close(why);
    if (why != Error::closed) on_violation();
}

size_t Connection::poll_all_ways(size_t budget) {
    size_t handled = 0;
    while (handled < budget && !closed()) {
        if (failure_count_ > 0) flush_failures();
        if (!accepts() || (handled != 0 && !channel_.waiting())) break;
        auto message = channel_.receive();
        if (message.error() == Error::again) break;
        auto status = message.ok() ? deliver(*message) : Status(message.error());
        ++handled;
        if (status.ok()) continue;
        end_for(status.error());
    }
    if (closed()) {
        set_lasting(false);
        drop_all();
    } else if (!callers_.empty() || !senders_.empty()) {
        pump();
    }
    review();
    if (handled == 0 && !closed() && channel_.look_for_end()) watch_nothing();
    return handled;
}

// After anything that may bend the straight way or end that. What is watched then: the next line, if nothing lies in it
// and nothing else is to be done.
void Connection::review() {
    bool waits = !callers_.empty() || !senders_.empty() || failure_count_ != 0;
    channel_.set_held(waits || !accepts());
    watch_nothing();
    if (channel_.ending() || !senders_.empty() || failure_count_ != 0) return;
    uint64_t header = channel_.look();
    if (channel_.is_stale(header)) watch(channel_.line().header, header);
}

Status Connection::complete_line(uint64_t header) {
    Exchange* call = leave_slot(Header::id_in(header), Header::opcode_in(header));
    if (call == nullptr) [[unlikely]]
        return Error::corrupt;
    copy_line(*call);
    Status status = taken(header);
    finish(*call, status.error());
    return status;
}

Status Connection::serve_copy(uint64_t header) {
    uint64_t words[payload_words];
    for (size_t i = 0; i < payload_words; ++i) words[i] = channel_.line().payload[i].load(std::memory_order_relaxed);
    SKERRY_CHECK(taken(header));
    return serve(Message{Header::opcode_in(header), false, Header::id_in(header), words});
}

Status Connection::deliver(const Message& message) {
    if (message.control || is_response(message.opcode)) return complete_call(message);
    return serve(message);
}

// Gives a response, or the failure instead of one, to the call that waits for it. Error::corrupt: none does.
Status Connection::complete_call(const Message& message) {
    Exchange* waiting = in_flight_[slot_of(message.id)];
    if (waiting == nullptr || waiting->id_ != message.id) return Error::corrupt;
    Exchange& call = *waiting;
    Error error = Error::none;
    if (message.control) {
        if (message.words[0] == 0 || message.words[0] > UINT32_MAX) return Error::corrupt;
        error = static_cast<Error>(message.words[0]);
    } else {
        if (call.response_ != message.opcode || message.words.size() > call.room_) return Error::corrupt;
        std::copy(message.words.begin(), message.words.end(), call.buffer_);
        call.words_ = static_cast<uint16_t>(message.words.size());
    }
    (void)leave_slot(call.id_, call.response_);
    finish(call, error);
    return {};
}

// Moves what waits for a call slot or credits onward, in order.
void Connection::pump() {
    while (free_slots_ != 0 && !callers_.empty()) {
        Exchange& caller = exchange_of(*callers_.pop_front());
        caller.id_ = choose_slot();
        take_slot(caller);
        senders_.push_back(caller);
    }
    while (Waiter* sender = senders_.front()) {
        senders_.remove(*sender);
        Exchange& exchange = exchange_of(*sender);
        if (!transmit(exchange)) {
            senders_.push_front(exchange);
            return;
        }
        if (exchange.done_) finish(exchange, exchange.error_);
    }
}

void Connection::fail_call(uint16_t id, Error error) {
    auto status = channel_.try_send_control(Control::failure, id, static_cast<uint64_t>(error));
    if (status.error() == Error::full) {
        SKERRY_ASSERT(failure_count_ < most_calls);  // accepts() sees to it
        failures_[failure_count_++] = {id, error};
    } else if (!channel_.ending()) {
        return;
    }
    review();
}

void Connection::flush_failures() {
    while (failure_count_ > 0) {
        const Failure& last = failures_[failure_count_ - 1];
        auto status = channel_.try_send_control(Control::failure, last.id, static_cast<uint64_t>(last.error));
        if (status.error() == Error::full) return;
        --failure_count_;
    }
}

bool Connection::prepare_to_block() {
    // While a handler must end first, the ring is left alone: what lies there would not let us sleep. But if
    // something is to be sent, we still sleep as one who lacks credits.
    if (closed()) return callers_.empty() && senders_.empty() && free_slots_ == all_slots_;
    bool announced = channel_.prepare_to_block(accepts());
    if (channel_.ending()) review();  // the end was seen just now, or by a message on the straight way
    return announced;
}

Task<Status> Connection::bring(FramePool& pool, Capability& capability) {
    if (capability.slot == 0) co_return Status{};
    if (closed()) co_return reason();
    if (courier_ == nullptr) co_return Error::refused;
    auto bringing = courier_->bring(pool, capability);
    Status status = co_await bringing;
    co_return status;
}

void Connection::sent(const Capability& capability) {
    if (capability.slot != 0 && courier_ != nullptr) courier_->sent(capability);
}

Status Connection::claim(Capability& capability) {
    if (capability.slot == 0) return {};
    return courier_ == nullptr ? Status{Error::corrupt} : courier_->claim(capability);
}

void Connection::close(Error reason) {
    channel_.close(reason);
    set_lasting(false);
    drop_all();
    review();
}

// A call that waits for credits is in flight already: it has a slot.
void Connection::drop_all() {
    for (WaiterList* list : {&callers_, &senders_}) {
        while (Waiter* waiter = list->pop_front()) {
            Exchange& exchange = exchange_of(*waiter);
            if (in_flight_[slot_of(exchange.id_)] == &exchange) (void)leave_slot(exchange.id_, exchange.response_);
            finish(exchange, reason());
        }
    }
    for (Exchange* call : in_flight_) {
        if (call == nullptr) continue;
        (void)leave_slot(call->id_, call->response_);
        finish(*call, reason());
    }
}

}  // namespace skerry::urpc
