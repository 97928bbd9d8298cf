#include "urpc/channel.hpp"

namespace skerry::urpc {

base::Result<ChannelLayout> ChannelLayout::of(void* frame, size_t bytes, Side side) {
    if (!frame || bytes < base::page_size) return Error::invalid_argument;
    size_t half = bytes / 2 / line_size * line_size;
    auto* a = static_cast<std::byte*>(frame);
    auto* b = a + half;
    return side == Side::a ? of_halves(a, b, half) : of_halves(b, a, half);
}

base::Result<ChannelLayout> ChannelLayout::of_halves(void* ours, const void* peers, size_t bytes) {
    if (!ours || !peers || bytes < base::page_size / 2) return Error::invalid_argument;
    auto address = reinterpret_cast<uintptr_t>(ours) | reinterpret_cast<uintptr_t>(peers);
    if (address % line_size != 0) return Error::misaligned;
    size_t lines = std::min<size_t>(bytes / line_size - 1, Header::count_mask / 2);
    // The memory is zeroed, which is these types' initial value, and they are never destroyed.
    return ChannelLayout{reinterpret_cast<StatusLine*>(ours), static_cast<Line*>(ours) + 1,
                         reinterpret_cast<const StatusLine*>(peers), static_cast<const Line*>(peers) + 1,
                         static_cast<uint32_t>(lines)};
}

Channel::Channel(const ChannelLayout& layout, Poker& poker, std::span<uint64_t> assembly, uint64_t protocol)
    : layout_(layout),
      poker_(poker),
      writer_(layout.our_ring, layout.lines),
      reader_(layout.peer_ring, layout.lines),
      assembly_(assembly),
      protocol_(protocol),
      trace_(poker.trace()),
      tell_after_(layout.lines / 2),
      untold_(tell_after_) {
    SKERRY_ASSERT(assembly.size() >= payload_words && assembly.size() % payload_words == 0);
    // Relaxed: the peer reads both after it has acquired our first line, whose release comes later.
    layout_.our_status->protocol.store(protocol, std::memory_order_relaxed);
    if (trace_ != nullptr) our_name_ = trace_->name_ring();
    layout_.our_status->trace_name.store(our_name_, std::memory_order_relaxed);
}

Status Channel::try_send(uint8_t opcode, uint16_t id, std::span<const uint64_t> words) {
    SKERRY_ASSERT(opcode != 0);
    return send({.id = id, .opcode = opcode}, words);
}

Status Channel::try_send_control(Control control, uint16_t id, uint64_t word) {
    return send({.id = id, .control = 1, .opcode = static_cast<uint8_t>(control)}, {&word, 1});
}

// Wakes a peer that sleeps once a ticket.
void Channel::poke(uint64_t state, uint64_t mask) {
    if (state & StatusLine::closed) {
        peer_closed_ = true;
        review();
    }
    if ((state & mask) != mask || state == poked_) return;
    poked_ = state;
    ++counts_.pokes;
    poker_.poke();
}

// What is out of the ordinary, after anything that may have changed it.
void Channel::review() {
    bends_ = (bends_ & bend_held) | (reader_.consumed() == 0 ? bend_unmet : 0) | (assembled_ != 0 ? bend_split : 0) |
             (closed() || peer_closed_ ? bend_ended : 0) | (reader_.consumed() < trust_from_ ? bend_doubt : 0) |
             (starved_for_ != 0 ? bend_starved : 0);
}

Status Channel::send(Header header, std::span<const uint64_t> words) {
    if (closed() || peer_closed_) return Error::closed;
    size_t lines = 1;
    if (words.size() > payload_words) [[unlikely]] {
        lines = (words.size() + payload_words - 1) / payload_words;
        if (lines > layout_.longest_message()) return Error::out_of_range;
    }
    if (!has_room(lines)) return closed() ? Error::closed : Error::full;
    header.acknowledged = reader_.consumed() & Header::count_mask;
    // Before the line is there: so that a message is never noted as received before it was sent.
    if (trace_ != nullptr) trace_->sent(our_name_, writer_.sent(), header.id);
    SKERRY_CHECK(writer_.try_send(header, words));
    untold_ = tell_after_;
    poke_if(StatusLine::asleep);
    return {};
}

base::Result<size_t> Channel::try_send_batch(uint8_t opcode, uint16_t id, std::span<const Payload> messages) {
    SKERRY_ASSERT(opcode != 0);
    if (closed() || peer_closed_) return Error::closed;
    if (!has_room(1)) return closed() ? Error::closed : Error::full;
    const size_t all = std::min<size_t>(messages.size(), writer_.credits());
    if (all == 0) return 0;
    const uint64_t consumed = reader_.consumed();
    for (size_t sent = 0; sent < all;) {
        const size_t count = writer_.next_batch(all - sent, id);
        for (size_t i = 0; trace_ != nullptr && i < count; ++i)
            trace_->sent(our_name_, writer_.sent() + i, static_cast<uint16_t>(id + i));
        // Each piece is published seq_cst: the one where the peer looks before it sleeps may be any of them.
        (void)writer_.try_send_batch({.acknowledged = consumed & Header::count_mask, .id = id, .opcode = opcode},
                                     messages.subspan(sent, count));
        sent += count;
        id = static_cast<uint16_t>(id + count);
    }
    untold_ = tell_after_;
    poke_if(StatusLine::asleep);
    return all;
}

bool Channel::find_room(size_t lines) {
    bool short_of = writer_.credits() < lines && read_credits().ok() && writer_.credits() < lines;
    starved_for_ = short_of ? lines : 0;
    review();
    return !short_of && !closed();
}

// The full count of lines that the peer has consumed, from its status line.
Status Channel::read_credits() {
    ++counts_.status_reads;
    // seq_cst serves both as the acquire that orders our next writes after the peer's copies, and as the
    // second look of a sleeper. An older count than a header has told us is nothing new.
    uint64_t consumed = layout_.peer_status->consumed.load(std::memory_order_seq_cst);
    if (static_cast<int64_t>(consumed - writer_.acknowledged()) <= 0) return {};
    // Stored before `consumed`, loaded after it: at least as new. All lines from there on carry counts that
    // are at least as new as ours.
    uint64_t sent = layout_.peer_status->sent.load(std::memory_order_relaxed);
    bool possible = static_cast<int64_t>(sent - reader_.consumed()) <= static_cast<int64_t>(layout_.lines);
    if (!possible || !writer_.acknowledge(consumed).ok()) return violation();
    trust_from_ = std::max(trust_from_, sent);
    review();
    return {};
}

// The count on the line just taken.
inline Status Channel::take_acknowledgement(Header header) {
    if (reader_.consumed() - 1 < trust_from_) return {};
    return writer_.acknowledge_modulo(header.acknowledged);
}

// Does this line belong where it stands? none: it does, and is counted.
inline Error Channel::accept(Header header) {
    if (reader_.consumed() == 1) {
        // Relaxed: the acquire of this first line covers both.
        uint64_t theirs = layout_.peer_status->protocol.load(std::memory_order_relaxed);
        peer_name_ = static_cast<uint32_t>(layout_.peer_status->trace_name.load(std::memory_order_relaxed));
        if (theirs != 0 && protocol_ != 0 && theirs != protocol_) return Error::refused;
    }
    if (header.first != (assembled_ == 0)) return Error::corrupt;
    if (header.first) {
        if (header.opcode == 0 || header.left >= max_message_lines) return Error::corrupt;
        if (header.control && (header.opcode != static_cast<uint8_t>(Control::failure) || header.left != 0)) {
            return Error::corrupt;
        }
    } else if (header.opcode != current_.opcode || header.id != current_.id || header.control != current_.control ||
               header.left + 1 != current_.left) {
        return Error::corrupt;
    }
    current_ = header;
    ++assembled_;
    return Error::none;
}

base::Result<Message> Channel::receive() {
    if (closed()) return reason_;
    for (;;) {
        if (!reader_.waiting()) {
            review();
            return nothing_there();
        }
        size_t at = assembled_ * payload_words;
        if (at + payload_words > assembly_.size()) return violation();  // a line too many
        auto header = reader_.take(std::span<uint64_t, payload_words>(assembly_.data() + at, payload_words));
        if (!header.ok() || !take_acknowledgement(*header).ok()) return violation();
        idle_ = 1;
        if (Error wrong = accept(*header); wrong != Error::none) return violation(wrong);
        if (--untold_ == 0) acknowledge_in_status();
        if (current_.left != 0) continue;
        if (trace_ != nullptr) trace_->received(peer_name_, reader_.consumed() - assembled_, current_.id);
        size_t words = assembled_ * payload_words;
        assembled_ = 0;
        review();
        return Message{static_cast<uint8_t>(current_.opcode), current_.control != 0, static_cast<uint16_t>(current_.id),
                       assembly_.first(words)};
    }
}

Error Channel::nothing_there() {
    // Seen closed before the ring was seen empty: nothing more can come.
    if (peer_closed_) {
        close();
        return Error::closed;
    }
    if (idle_++ % closed_check_interval == 0) (void)look_for_end();
    return Error::again;
}

bool Channel::look_for_end() {
    ++counts_.status_reads;
    // Acquire: the lines that the peer wrote before it closed are visible to the next take.
    uint64_t state = layout_.peer_status->state.load(std::memory_order_acquire);
    if ((state & StatusLine::closed) == 0) return false;
    peer_closed_ = true;
    review();
    return true;
}

Error Channel::violation(Error why) {
    close(why);
    return why;
}

void Channel::acknowledge_in_status() {
    untold_ = tell_after_;
    ++counts_.acknowledgements;
    // Relaxed: before the next store, which publishes it.
    layout_.our_status->sent.store(writer_.sent(), std::memory_order_relaxed);
    // Release (in seq_cst): our copies are complete. seq_cst: then look whether the peer sleeps for credits.
    layout_.our_status->consumed.store(reader_.consumed(), std::memory_order_seq_cst);
    poke_if(StatusLine::asleep | StatusLine::starved);
}

bool Channel::prepare_to_block(bool receiving) {
    if (closed()) return true;
    if (untold_ != tell_after_) acknowledge_in_status();
    uint64_t ticket = (state_ | (StatusLine::ticket - 1)) + 1;
    state_ = ticket | StatusLine::asleep | (starved_for_ ? StatusLine::starved : 0);
    layout_.our_status->state.store(state_, std::memory_order_seq_cst);
    if (still_quiet(receiving)) return true;
    cancel_block();
    return false;
}

// The second look, after `asleep` was stored. Whoever changes one of these afterwards sees it and pokes.
bool Channel::still_quiet(bool receiving) {
    if (receiving && reader_.arrived()) return false;
    ++counts_.status_reads;
    if (layout_.peer_status->state.load(std::memory_order_seq_cst) & StatusLine::closed) {
        bool news = !std::exchange(peer_closed_, true);
        review();
        if (news || receiving) return false;  // the next receive or send finds out
    }
    if (starved_for_ == 0) return true;
    return !has_room(starved_for_) && !closed();
}

void Channel::cancel_block() {
    if (closed() || !(state_ & StatusLine::asleep)) return;
    state_ &= ~(StatusLine::asleep | StatusLine::starved);
    // Relaxed would do: a sender that still reads the old value only pokes once for nothing.
    layout_.our_status->state.store(state_, std::memory_order_release);
}

void Channel::close(Error reason) {
    SKERRY_ASSERT(reason != Error::none);
    if (closed()) return;
    reason_ = reason;
    review();
    // seq_cst: then look whether the peer sleeps; it looks for `closed` after it has stored `asleep`.
    layout_.our_status->state.store(state_ | StatusLine::closed, std::memory_order_seq_cst);
    poke_if(StatusLine::asleep);
}

}  // namespace skerry::urpc
