#include "urpc/connection.hpp"

namespace skerry::urpc {

namespace {
constexpr size_t poll_budget = 32;  // messages handled before another channel has its turn
Exchange& exchange_of(Waiter& waiter) {
    return static_cast<Exchange&>(waiter);
}
}  // namespace

bool Exchange::await_suspend(std::coroutine_handle<> awaiting) {
    handle = awaiting;
    return connection_.begin(*this);
}

Error Exchange::conclude() {
    SKERRY_ASSERT(connection_.exchanges_ > 0);
    --connection_.exchanges_;
    return error_;
}

Connection::Connection(PollSet& set, const ChannelLayout& layout, Poker& poker, std::span<uint64_t> assembly,
                       uint64_t protocol, uint32_t calls)
    : set_(set), channel_(layout, poker, assembly, protocol), handlers_(set.ready(), calls), call_limit_(calls) {
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
        return false;
    }
    if (exchange.response_ != 0) {
        if (calls_ >= call_limit_) {
            callers_.push_back(exchange);
            return true;
        }
        ++calls_;
    }
    if (!senders_.empty() || !transmit(exchange)) senders_.push_back(exchange);
    return exchange.link.linked();
}

// Tries to send. True: gone, or failed for good.
bool Connection::transmit(Exchange& exchange) {
    auto status = put_on_channel(exchange);
    if (status.error() == Error::full) return false;
    exchange.error_ = status.error();
    bool waits = status.ok() && exchange.response_ != 0;
    if (waits)
        in_flight_.push_back(exchange);
    else if (exchange.response_ != 0)
        --calls_;
    return true;
}

Status Connection::put_on_channel(Exchange& exchange) {
    if (!exchange.answers_) exchange.id_ = fresh_id();
    auto words = exchange.buffer_.first(exchange.words_);
    if (exchange.control_) return channel_.try_send_control(Control::failure, exchange.id_, words[0]);
    return channel_.try_send(exchange.opcode_, exchange.id_, words);
}

Status Connection::try_send_now(uint8_t opcode, uint16_t id, std::span<const uint64_t> words) {
    if (!senders_.empty()) return Error::full;
    return channel_.try_send(opcode, id, words);
}

uint16_t Connection::fresh_id() {
    // Unlike those of the calls in flight, of which there are few.
    for (;;) {
        uint16_t id = ++last_id_;
        Waiter* waiter = in_flight_.front();
        while (waiter && exchange_of(*waiter).id_ != id) waiter = in_flight_.next(*waiter);
        if (!waiter) return id;
    }
}

void Connection::finish(Exchange& exchange, Error error) {
    exchange.error_ = error;
    set_.ready().push(exchange);
}

size_t Connection::poll() {
    if (channel_.quiet() && senders_.empty() && failure_count_ == 0) return 0;
    size_t handled = 0;
    while (handled < poll_budget && !closed()) {
        if (failure_count_ > 0) flush_failures();
        if (!accepts() || (handled != 0 && !channel_.waiting())) break;
        auto message = channel_.receive();
        if (message.error() == Error::again) break;
        auto status = message.ok() ? deliver(*message) : Status(message.error());
        ++handled;
        if (status.ok()) continue;
        close(status.error());
        if (status.error() != Error::closed) on_violation();
    }
    if (closed()) {
        set_lasting(false);
        drop_all();
    } else if (!callers_.empty() || !senders_.empty()) {
        pump();
    }
    return handled;
}

Status Connection::deliver(const Message& message) {
    if (message.control || is_response(message.opcode)) return complete_call(message);
    return serve(message);
}

// Gives a response, or the failure instead of one, to the call that waits for it. Error::corrupt: none does.
Status Connection::complete_call(const Message& message) {
    Waiter* waiter = in_flight_.front();
    while (waiter && exchange_of(*waiter).id_ != message.id) waiter = in_flight_.next(*waiter);
    if (!waiter) return Error::corrupt;
    Exchange& call = exchange_of(*waiter);
    Error error = Error::none;
    if (message.control) {
        if (message.words[0] == 0 || message.words[0] > UINT32_MAX) return Error::corrupt;
        error = static_cast<Error>(message.words[0]);
    } else {
        if (call.response_ != message.opcode || message.words.size() > call.buffer_.size()) return Error::corrupt;
        std::copy(message.words.begin(), message.words.end(), call.buffer_.begin());
        call.words_ = message.words.size();
    }
    in_flight_.remove(call);
    --calls_;
    finish(call, error);
    return {};
}

// Moves what waits for a call slot or credits onward, in order.
void Connection::pump() {
    while (calls_ < call_limit_ && !callers_.empty()) {
        Waiter* caller = callers_.pop_front();
        ++calls_;
        senders_.push_back(*caller);
    }
    while (Waiter* sender = senders_.front()) {
        senders_.remove(*sender);
        Exchange& exchange = exchange_of(*sender);
        if (!transmit(exchange)) {
            senders_.push_front(exchange);
            return;
        }
        if (!exchange.link.linked()) finish(exchange, exchange.error_);
    }
}

void Connection::fail_call(uint16_t id, Error error) {
    auto status = channel_.try_send_control(Control::failure, id, static_cast<uint64_t>(error));
    if (status.error() != Error::full) return;
    SKERRY_ASSERT(failure_count_ < most_calls);  // accepts() sees to it
    failures_[failure_count_++] = {id, error};
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
    if (closed()) return callers_.empty() && senders_.empty() && in_flight_.empty();
    return channel_.prepare_to_block(accepts());
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

Status Connection::claim(const Capability& capability) {
    if (capability.slot == 0) return {};
    return courier_ == nullptr ? Status{Error::corrupt} : courier_->claim(capability);
}

void Connection::close(Error reason) {
    channel_.close(reason);
    set_lasting(false);
    drop_all();
}

void Connection::drop_all() {
    for (WaiterList* list : {&callers_, &senders_, &in_flight_}) {
        while (Waiter* waiter = list->pop_front()) finish(exchange_of(*waiter), reason());
    }
    calls_ = 0;
}

}  // namespace skerry::urpc
