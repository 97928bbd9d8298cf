#include "usr/console/client.hpp"

namespace skerry::usr::console {

namespace protocol = urpc::console;

size_t Client::poll() {
    if (closed()) {
        quiet_ = true;
        return 0;
    }
    if (has_output_) {
        if (!board_.room_for(output_.bytes.length * 2)) return 0;
        board_.transmit(output_.bytes.span());
        has_output_ = false;
        return 1;
    }
    if (reply_waits_) {
        send_reply();
        return reply_waits_ ? 0 : 1;
    }
    if (waits_ != Waits::nothing) return finish_waiting() ? 1 : 0;
    auto message = channel_.receive();
    quiet_ = !message.ok();
    if (!message.ok()) return 0;
    handle(*message);
    return 1;
}

// A held client is woken by the wire, not by its peer: it may block with messages in its ring.
bool Client::prepare_to_block() {
    if (closed() || held()) return true;
    announced_ = channel_.prepare_to_block();
    return announced_;
}

void Client::cancel_block() {
    if (announced_) channel_.cancel_block();
    announced_ = false;
}

void Client::handle(const urpc::Message& message) {
    id_ = message.id;
    Status handled = message.control ? Status{Error::corrupt}
                                     : Protocol::dispatch(message, [this](const auto& fields) { on(fields); });
    if (!handled.ok()) channel_.close(handled.error());
}

void Client::on(const protocol::Output& message) {
    output_ = message;
    has_output_ = true;
}

void Client::on(const protocol::Flush&) {
    waits_ = Waits::wire;
    position_ = board_.accepted();
    answer_ = Protocol::opcode<protocol::Flushed>;
}

void Client::on(const protocol::Drain& message) {
    Status may = board_.start_drain(*this, message.domain);
    if (!may.ok()) return reply<protocol::Drained>(may);
    waits_ = Waits::drain;
    drain_ = message.domain;
    answer_ = Protocol::opcode<protocol::Drained>;
}

void Client::on(const protocol::TakeFocus&) {
    reply<protocol::FocusTaken>(board_.take_focus(*this));
}
void Client::on(const protocol::Lend& message) {
    reply<protocol::Lent>(board_.lend_focus(*this, message.domain));
}
void Client::on(const protocol::LeaveFocus&) {
    board_.leave_focus(*this);
}

bool Client::finish_waiting() {
    if (waits_ == Waits::drain) {
        if (!board_.drained(*this, drain_)) return false;
        position_ = board_.accepted();
        waits_ = Waits::wire;
    }
    if (board_.on_wire() < position_) return false;
    waits_ = Waits::nothing;
    reply_error_ = Error::none;
    send_reply();
    return true;
}

template <typename Response>
void Client::reply(const Status& status) {
    answer_ = Protocol::opcode<Response>;
    reply_error_ = status.error();
    send_reply();
}

void Client::send_reply() {
    uint64_t none[urpc::payload_words] = {};
    Status sent = reply_error_ == Error::none
                      ? channel_.try_send(answer_, id_, std::span<const uint64_t>(none, 0))
                      : channel_.try_send_control(urpc::Control::failure, id_, static_cast<uint64_t>(reply_error_));
    reply_waits_ = sent.error() == Error::full;
}

Status Client::give_input(std::span<const uint8_t> bytes) {
    protocol::Input message;
    message.bytes.assign(bytes);
    uint64_t words[urpc::whole_lines(Protocol::max_words_of<protocol::Input>)];
    size_t count = Protocol::marshal(message, words);
    return channel_.try_send(Protocol::opcode<protocol::Input>, 0, std::span(words, count));
}

}  // namespace skerry::usr::console
