// A channel: two rings in one frame (or in two), a status line a side, and the rule for who wakes whom.
//
//   frame   0           64                       size/2        +64                        size
//           +-----------+------------------------+-------------+--------------------------+
//           | A's status| A's ring: A -> B       | B's status  | B's ring: B -> A         |
//           +-----------+------------------------+-------------+--------------------------+
//           `------- only A writes here --------' `--------- only B writes here ---------'
//
// A status line: word 0 state, 1 the protocol's hash, 2 lines consumed of the other side's ring (64-bit
// counts), 3 lines of our own ring that were sent before word 2 was stored, 4 our ring's name in traces.
//
//   state   63                                   3       2        1        0
//           +------------------------------------+---------+--------+--------+
//           |               ticket               | starved | closed | asleep |
//           +------------------------------------+---------+--------+--------+
//
// Who is woken. A side that is about to block stores `asleep` in its own state and then looks once more at
// the ring that it reads. A sender publishes the header of a message's last line and then looks at the peer's
// state. All four accesses are seq_cst, so they have one order: if the sender's look comes before the store
// of `asleep`, then its header comes before the sleeper's second look, which finds it. So no wake-up is lost,
// and a peer that polls is never poked. The ticket changes with every announcement, and each ticket is poked
// at most once: a poke is kept until its receiver runs, and that receiver polls before it blocks again.
//
// Credits. What we consumed rides on each line that we send. When half the ring is consumed and nothing has
// gone back, it is stored in our status line instead (the pure acknowledgement; it needs no credit, so two
// full rings cannot block each other). A sender without credits reads it there. Blocking without credits is
// announced as `starved`: the consumer stores the count, then looks at the state; the sleeper stores its
// state, then looks at the count: the same argument. Lines that lay unread when the count was taken (word 3
// tells which) carry older counts, perhaps older than modulo 4096 can tell; those are passed over.
#pragma once

#include "platforms/base/ids.hpp"
#include "urpc/message_trace.hpp"
#include "urpc/protocol.hpp"
#include "urpc/ring.hpp"

namespace skerry::urpc {

// What a channel asks of the dispatcher that it lies in.
class Poker {
  public:
    // Wakes the peer's dispatcher. A poke of one that is awake must be kept until it next blocks (Notify does).
    virtual void poke() = 0;
    // Where messages are noted; null: nowhere. Asked once, when the channel is made.
    virtual MessageTrace* trace() { return nullptr; }

  protected:
    ~Poker() = default;
};

enum class Side : uint8_t { a, b };

struct StatusLine {
    std::atomic<uint64_t> state;
    std::atomic<uint64_t> protocol;
    std::atomic<uint64_t> consumed;
    std::atomic<uint64_t> sent;
    std::atomic<uint64_t> trace_name;

    static constexpr uint64_t asleep = 1, closed = 2, starved = 4, ticket = 8;
};
static_assert(sizeof(StatusLine) <= line_size);

// Where everything is. Memory must start zeroed, and outlive the channel.
struct ChannelLayout {
    StatusLine* our_status = nullptr;
    Line* our_ring = nullptr;
    const StatusLine* peer_status = nullptr;
    const Line* peer_ring = nullptr;
    uint32_t lines = 0;  // of each ring: 31 in a frame of 4 KiB, at most 2047

    // One frame of `bytes` bytes. Errors: invalid_argument (below 4 KiB), misaligned (base not at a line).
    static base::Result<ChannelLayout> of(void* frame, size_t bytes, Side side);
    // Two frames of `bytes` bytes each (2 KiB at least), each at its reader's node: the one that we write,
    // and the one that the peer writes.
    static base::Result<ChannelLayout> of_halves(void* ours, const void* peers, size_t bytes);

    // Lines of the longest message that such a ring is sure to pass: half of it.
    size_t longest_message() const { return std::min<size_t>(max_message_lines, lines - lines / 2); }
};

// What a channel has done, for traces and tests.
struct ChannelCounts {
    uint64_t pokes = 0;
    uint64_t acknowledgements = 0;  // stores of the count in our status line
    uint64_t status_reads = 0;      // loads of the peer's status line other than the look after a send
};

class Channel {
  public:
    // `assembly` holds one message being received, whole lines' worth; a longer one is a violation.
    // `protocol` is Protocol::hash; the peer's is compared when its first line comes. Zero on either side:
    // not compared.
    Channel(const ChannelLayout& layout, Poker& poker, std::span<uint64_t> assembly, uint64_t protocol = 0);
    Channel(const Channel&) = delete;
    Channel& operator=(const Channel&) = delete;

    // Sends one message of up to 448 words, whole or not at all; wakes the peer if it sleeps. Never blocks.
    // Errors: full (no credits now), closed, out_of_range (longer than layout.longest_message()).
    Status try_send(uint8_t opcode, uint16_t id, std::span<const uint64_t> words);
    Status try_send_control(Control control, uint16_t id, uint64_t word);

    // Sends one-line messages of one opcode, `words` of each at a time, and looks only once whether the peer sleeps: as many
    // as there is room for. Their ids are `id` and the ones that follow. Errors: full (room for none), closed.
    base::Result<size_t> try_send_batch(uint8_t opcode, uint16_t id, std::span<const Payload> messages);

    // A quick look: receive() would say `again`, and nothing else is to be noticed. Cheap enough for each turn of a poll
    // loop. Never true once closed, when the frame may be gone: it is not looked at any more.
    bool quiet() {
        return !closed() && !reader_.waiting() && !peer_closed_ && (++idle_ & (closed_check_interval - 1)) != 0;
    }
    // The next message. Errors: again (nothing there), closed (by either side; what came before was
    // delivered), corrupt (the peer broke the rules: the channel is now closed), refused (it speaks another
    // protocol).
    base::Result<Message> receive();

    // Announces that we are going to block. False: something is there, do not block (nothing is announced).
    // Without `receiving`, lines that lie in the ring do not count: we would not take them now.
    bool prepare_to_block(bool receiving = true);
    void cancel_block();  // after waking, or when not blocking after all

    // Tells the peer, and wakes it. Nothing can be sent or received afterwards. Only the first call counts.
    void close(Error reason = Error::closed);
    bool closed() const { return reason_ != Error::none; }
    Error reason() const { return reason_; }  // why: closed, corrupt or refused; none while open

    // Is there room for a message of `lines` lines? Looks at the peer's count before it says no.
    bool has_room(size_t lines) {
        if (writer_.credits() < lines || starved_for_ != 0) [[unlikely]]
            return find_room(lines);
        return !closed();
    }
    // Something lies in the ring.
    bool waiting() const { return reader_.waiting(); }

    // --- The straight way: messages of one line, while nothing is out of the ordinary. All in line; what is out of the
    // ordinary is kept as one word of bends, looked at once. ---
    //
    //   word = look(); if (straight() && is_single(word)) { copy what is wanted of line(); take(word); }
    //   if (straight() && has_credit()) { store to next_line(); publish(opcode, id); }
    bool straight() const { return bends_ == 0; }
    // Closed, or the peer has and its last messages are being received.
    bool ending() const { return (bends_ & bend_ended) != 0; }
    // The user's own reason against it.
    void set_held(bool held) { bends_ = held ? bends_ | bend_held : bends_ & ~bend_held; }

    const Line& line() const { return reader_.next(); }
    // Acquire: the payload read after it is the one that this header speaks of.
    uint64_t look() const { return line().header.load(std::memory_order_acquire); }
    bool is_single(uint64_t word) const { return reader_.is_single(word); }
    bool is_exactly(uint64_t single, uint64_t word) const { return reader_.is_exactly(single, word); }
    bool is_current(uint64_t word) const { return reader_.is_current(word); }
    bool is_stale(uint64_t word) const { return reader_.is_stale(word); }
    // The line is read. Error::corrupt: the peer acknowledges what was not sent; the channel is now closed.
    [[gnu::always_inline]] Status take(uint64_t word) {
        reader_.advance(word);
        if (!writer_.acknowledge_modulo(word & Header::count_mask).ok()) [[unlikely]]
            return violation();
        if (trace_ != nullptr) trace_->received(peer_name_, reader_.consumed() - 1, Header::id_in(word));
        if (--untold_ == 0) [[unlikely]]
            acknowledge_in_status();
        return {};
    }
    bool has_credit() const { return writer_.credits() != 0; }
    Line& next_line() { return writer_.next(); }
    [[gnu::always_inline]] void publish(uint8_t opcode, uint16_t id) {
        // Before the line is there: so that a message is never noted as received before it was sent.
        if (trace_ != nullptr) trace_->sent(our_name_, writer_.sent(), id);
        writer_.publish(Header::single(opcode, id) | (reader_.consumed() & Header::count_mask));
        untold_ = tell_after_;
        poke_if(StatusLine::asleep);
    }
    // Has the peer closed? For a poll loop, now and then. receive() then tells when all that came before is taken.
    bool look_for_end();

    uint64_t lines_sent() const { return writer_.sent(); }
    uint64_t lines_received() const { return reader_.consumed(); }
    const ChannelCounts& counts() const { return counts_; }

  private:
    static constexpr uint32_t closed_check_interval = 256;  // idle polls between two looks at whether the peer has gone

    // Why not the straight way.
    static constexpr uint32_t bend_unmet = 1;     // no line has come yet
    static constexpr uint32_t bend_split = 2;     // in the middle of a message
    static constexpr uint32_t bend_ended = 4;     // closed, by either side
    static constexpr uint32_t bend_doubt = 8;     // the lines to come carry old acknowledgements
    static constexpr uint32_t bend_starved = 16;  // a message was refused for want of credits
    static constexpr uint32_t bend_held = 32;     // the user says so

    Status send(Header header, std::span<const uint64_t> words);
    bool find_room(size_t lines);
    Error accept(Header header);
    Error nothing_there();
    Error violation(Error why = Error::corrupt);
    Status take_acknowledgement(Header header);
    Status read_credits();
    void acknowledge_in_status();
    // After a seq_cst store of what the peer waits for: look whether it sleeps.
    void poke_if(uint64_t mask) {
        uint64_t state = layout_.peer_status->state.load(std::memory_order_seq_cst);
        if ((state & (StatusLine::closed | StatusLine::asleep)) != 0) [[unlikely]]
            poke(state, mask);
    }
    void poke(uint64_t state, uint64_t mask);
    bool still_quiet(bool receiving);
    void review();

    ChannelLayout layout_;
    Poker& poker_;
    ShortLapWriter writer_;
    ShortLapReader reader_;
    std::span<uint64_t> assembly_;
    uint64_t protocol_;
    MessageTrace* trace_;
    uint32_t our_name_ = 0, peer_name_ = 0;  // of the rings, in traces; the peer's is its own affair

    Header current_;             // first line's header of the message being assembled
    size_t assembled_ = 0;       // lines of it so far; 0 = between messages
    const uint32_t tell_after_;  // lines
    uint32_t untold_;            // lines until what we consumed is told in the status line
    uint32_t bends_ = bend_unmet;
    uint64_t trust_from_ = 0;  // acknowledgements on lines before this one are older than what we know
    uint64_t state_ = 0;       // our state word as last stored
    uint64_t poked_ = 0;       // the peer's state that we poked last
    size_t starved_for_ = 0;   // lines that a refused message needs; 0 = not short of credits
    uint32_t idle_ = 1;        // looks since something came, counting from 1
    Error reason_ = Error::none;
    bool peer_closed_ = false;
    ChannelCounts counts_;
};

}  // namespace skerry::urpc
