// One direction: a ring of lines that one side writes and the other polls. No shared indices; the reader
// never writes here. How much it has consumed comes back on the lines of the other direction (or its status
// line).
//
//              sent -- the writer's cursor              credits = lines - (sent - acknowledged)
//                v
//   +----+----+----+----+----+----+----+----+
//   | 16 | 17 | 10 | 11 | 12 | 13 | 14 | 15 |   lines 10 and 11 were consumed a lap ago or acknowledged
//   +----+----+----+----+----+----+----+----+
//                          ^
//                       the reader's cursor: line 12 of the expected lap is there; a line still tagged
//                       with the lap before means "nothing yet"; any other tag is a violation
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "platforms/base/hint.hpp"
#include "platforms/base/result.hpp"
#include "urpc/line.hpp"

namespace skerry::urpc {

using base::Error;
using base::Status;
using Payload = std::array<uint64_t, payload_words>;

// Where one side stands: a running line number, the line at that place, and what of its header says so. No division,
// five instructions a line: this is on every message's path.
template <typename AnyLine>
class Cursor {
  public:
    Cursor(AnyLine* ring, uint32_t lines) : line_(ring), ring_(ring), lines_(lines), straight_(lines) {
        SKERRY_ASSERT(lines >= 2 && lines <= Header::count_mask / 2);
    }
    uint64_t number() const { return number_; }
    uint64_t tag() const { return tag_; }  // epoch and sequence
    AnyLine& line() const { return *line_; }
    uint32_t lines() const { return lines_; }

    [[gnu::always_inline]] void advance() {
        ++number_;
        tag_ += Header::tag(0, 1);
        ++line_;
        if (--straight_ == 0) [[unlikely]]
            turn();
    }
    // A line to come is fetched for writing: when its turn comes, its last reader's cache has given it up. `ahead` lines past
    // this one, at which the reader polls already; how far was measured (usr/bench/host). Not across the ring's end.
    void fetch_for_writing(uint32_t ahead) const {
        if (ahead < straight_) base::will_write(line_ + ahead);
    }
    // What the header here says while nothing has come: the tag of the lap before; in the first lap the memory is
    // zero, all of it.
    bool is_stale(uint64_t word) const {
        if (number_ < lines_) return word == 0;
        uint64_t epoch = tag_ >> 56;
        uint64_t before = Header::tag(static_cast<uint8_t>(epoch == 1 ? 255 : epoch - 1), number_ - lines_);
        return (word & Header::tag_mask) == before;
    }

  private:
    // The end of the ring, or of the sequence numbers: its carry falls off.
    [[gnu::noinline]] void turn() {
        tag_ &= Header::tag_mask;
        auto position = static_cast<uint32_t>(line_ - ring_);
        if (position == lines_) {
            position = 0;
            line_ = ring_;
            auto epoch = static_cast<uint8_t>(tag_ >> 56);
            tag_ = Header::tag(epoch == 255 ? 1 : static_cast<uint8_t>(epoch + 1), number_);
        }
        uint64_t numbers = Header::count_mask + 1 - (number_ & Header::count_mask);
        straight_ = std::min(lines_ - position, static_cast<uint32_t>(numbers));
    }

    uint64_t number_ = 0;
    uint64_t tag_ = Header::tag(1, 0);
    AnyLine* line_;
    AnyLine* ring_;
    uint32_t lines_;
    uint32_t straight_;  // so many lines until turn()
};

class RingWriter {
  public:
    // `lines` lines, at most 2047 so that an acknowledgement modulo 4096 is unambiguous.
    RingWriter(Line* ring, uint32_t lines) : cursor_(ring, lines), limit_(lines) {}

    // Writes a message of words.size() words in one or more lines, all or nothing. `header` gives opcode, id,
    // control and acknowledged; the rest is filled in. Error::full: not enough credits, nothing was written.
    // `publish`: the order of the last header's store. seq_cst where the reader may sleep, and so whether it does is
    // looked at next (channel.hpp); release where it polls: then the core does not wait until it has the line.
    // `next`: fetch, and the line of the next message comes meanwhile; leave, where that one is not sent before this one is
    // answered: a reader who polls would take it back, and both had the transfer for nothing.
    enum class Next : uint8_t { fetch, leave };
    Status try_send(Header header, std::span<const uint64_t> words,
                    std::memory_order publish = std::memory_order_seq_cst, Next next = Next::fetch) {
        header.first = 1;
        header.left = 0;
        if (words.size() <= payload_words) [[likely]] {
            if (credits() == 0) return Error::full;
            write_line(header, words, publish);
            if (next == Next::fetch) cursor_.fetch_for_writing(1);
            return {};
        }
        return send_lines(header, words, publish);
    }

    // Writes messages of one line each, as many as there are credits for, and says how many; their ids are header.id and
    // the ones that follow. They become visible at once: the first line's header is stored last, seq_cst. So the reader,
    // which polls that line, does not fetch the others while they are being written.
    size_t try_send_batch(Header header, std::span<const Payload> messages) {
        size_t count = std::min<size_t>(messages.size(), credits());
        if (count == 0) return 0;
        header.first = 1;
        header.left = 0;
        const uint16_t id = header.id;
        const Cursor<Line> first = cursor_;
        cursor_.advance();
        for (size_t i = 1; i < count; ++i) {
            header.id = static_cast<uint16_t>(id + i);
            write_line(header, messages[i], std::memory_order_release);
            cursor_.fetch_for_writing(4);
        }
        const Cursor<Line> end = std::exchange(cursor_, first);
        header.id = id;
        write_line(header, messages[0], std::memory_order_seq_cst);
        cursor_ = end;
        return count;
    }

    // The straight way for one line, when credits() != 0: words are stored to next(), then publish().
    Line& next() const { return cursor_.line(); }
    // `header` lacks the tag. seq_cst: payload before header, and then Channel looks whether the reader sleeps.
    [[gnu::always_inline]] void publish(uint64_t header) {
        cursor_.line().header.store(header | cursor_.tag(), std::memory_order_seq_cst);
        cursor_.advance();
    }

    // The reader says that it has consumed `total` lines, as a full count. Error::corrupt if it cannot have.
    Status acknowledge(uint64_t total) {
        if (total - acknowledged() > cursor_.number() - acknowledged()) return Error::corrupt;
        limit_ = total + cursor_.lines();
        return {};
    }
    // The same from a header: the count modulo 4096. One that runs backwards shows as one that runs too far.
    Status acknowledge_modulo(uint16_t count) {
        uint64_t more = (count - acknowledged()) & Header::count_mask;
        if (more > cursor_.number() - acknowledged()) return Error::corrupt;
        limit_ += more;
        return {};
    }

    // For the straight way, behind publish().
    void fetch_for_writing() const { cursor_.fetch_for_writing(1); }

    uint32_t credits() const { return static_cast<uint32_t>(limit_ - cursor_.number()); }
    uint64_t acknowledged() const { return limit_ - cursor_.lines(); }
    uint64_t sent() const { return cursor_.number(); }

  private:
    Status send_lines(Header header, std::span<const uint64_t> words, std::memory_order publish) {
        size_t count = (words.size() + payload_words - 1) / payload_words;
        if (count > max_message_lines) return Error::out_of_range;
        if (count > credits()) return Error::full;
        for (size_t left = count; left-- > 0; header.first = 0) {
            header.left = left;
            auto part = words.first(std::min(words.size(), payload_words));
            write_line(header, part, left == 0 ? publish : std::memory_order_release);
            words = words.subspan(part.size());
        }
        return {};
    }

    void write_line(Header header, std::span<const uint64_t> part, std::memory_order publish) {
        Line& line = cursor_.line();
        // Relaxed: the header below publishes them. They cannot overtake the acquire load of the
        // acknowledgement that freed this line, so the reader's copy of the old content is complete.
        const uint64_t* words = part.data();
        if (part.size() == payload_words) {
#pragma GCC unroll 7
            for (size_t i = 0; i < payload_words; ++i) line.payload[i].store(words[i], std::memory_order_relaxed);
        } else {
            for (size_t i = 0; i < payload_words; ++i)
                line.payload[i].store(i < part.size() ? words[i] : 0, std::memory_order_relaxed);
        }
        // Release at the least: payload before header, and (for the acknowledgement in it) our copies before both.
        uint64_t word = header.word() | cursor_.tag();
        if (publish == std::memory_order_seq_cst)
            line.header.store(word, std::memory_order_seq_cst);
        else
            line.header.store(word, std::memory_order_release);
        cursor_.advance();
    }

    Cursor<Line> cursor_;
    uint64_t limit_;  // up to this number lines may be sent: the reader has consumed all that are a ring before it
};

class RingReader {
  public:
    RingReader(const Line* ring, uint32_t lines) : cursor_(ring, lines) {}

    // Takes the next line: copies its payload to `payload` and returns the header, of which epoch and
    // sequence are right and nothing else is checked. Error::again: nothing there. Error::corrupt: a line
    // from no lap.
    base::Result<Header> take(std::span<uint64_t, payload_words> payload) {
        const Line& line = cursor_.line();
        // Acquire, pairs with the writer's release: the payload read below is the one this header speaks of.
        // The word is loaded once and judged in our copy (law 12).
        uint64_t word = line.header.load(std::memory_order_acquire);
        if ((word & Header::tag_mask) != cursor_.tag()) return is_stale(word) ? Error::again : Error::corrupt;
        uint64_t* to = payload.data();
#pragma GCC unroll 7
        for (size_t i = 0; i < payload_words; ++i) to[i] = line.payload[i].load(std::memory_order_relaxed);
        cursor_.advance();
        return Header::from(word);
    }

    // The straight way, without a copy: `word` is next().header, loaded with acquire. Is that line a whole message of
    // the protocol? Whoever takes it reads each word of its payload once, then calls advance().
    const Line& next() const {
        return cursor_.line();
    }
    bool is_single(uint64_t word) const {
        return ((word ^ (cursor_.tag() | Header::first_bit)) & Header::single_mask) == 0;
    }
    // Is it of the lap that is expected? If not, nothing has come, or something that belongs nowhere.
    bool is_current(uint64_t word) const {
        return ((word ^ cursor_.tag()) & Header::tag_mask) == 0;
    }
    // Is it the next line's, and apart from the acknowledgement Header::single() of a certain message?
    bool is_exactly(uint64_t single, uint64_t word) const {
        return (word ^ (cursor_.tag() | single)) <= Header::count_mask;
    }
    [[gnu::always_inline]] void advance() {
        cursor_.advance();
    }

    // The same, for a poll loop: relaxed, since take() looks again before it believes anything.
    bool waiting() const {
        return !is_stale(next().header.load(std::memory_order_relaxed));
    }
    // Is there anything to take (or to complain about)? seq_cst: the recheck before blocking.
    bool arrived() const {
        return !is_stale(next().header.load(std::memory_order_seq_cst));
    }
    bool is_stale(uint64_t word) const {
        return cursor_.is_stale(word);
    }
    // The next line will be looked at.
    void fetch() const {
        base::will_read(&next());
    }
    uint64_t consumed() const {
        return cursor_.number();
    }

  private:
    Cursor<const Line> cursor_;
};

}  // namespace skerry::urpc
