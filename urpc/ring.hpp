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

#include "platforms/base/result.hpp"
#include "urpc/line.hpp"

namespace skerry::urpc {

using base::Error;
using base::Status;
using Payload = std::array<uint64_t, payload_words>;

// Where one side stands: a running line number, and what of it the header at that place says. No division, few
// instructions: this is on every message's path.
struct Cursor {
    uint64_t number = 0;
    uint64_t tag = Header::tag(1, 0);  // epoch and sequence
    uint32_t position = 0;             // number % lines

    // True: a new lap begins.
    bool advance(uint32_t lines) {
        ++number;
        tag = following(tag);
        if (++position < lines) [[likely]]
            return false;
        position = 0;
        auto epoch = static_cast<uint8_t>(tag >> 56);
        tag = Header::tag(epoch == 255 ? 1 : static_cast<uint8_t>(epoch + 1), number);
        return true;
    }
    // The tag of the next line in the same lap; the sequence's carry falls off.
    static constexpr uint64_t following(uint64_t tag) { return (tag + Header::tag(0, 1)) & Header::tag_mask; }
};

class RingWriter {
  public:
    // `lines` lines, at most 2047 so that an acknowledgement modulo 4096 is unambiguous.
    RingWriter(Line* ring, uint32_t lines) : ring_(ring), lines_(lines) {
        SKERRY_ASSERT(lines >= 2 && lines <= Header::count_mask / 2);
    }

    // Writes a message of words.size() words in one or more lines, all or nothing. `header` gives opcode, id,
    // control and acknowledged; the rest is filled in. Error::full: not enough credits, nothing was written.
    // `publish`: the order of the last header's store. seq_cst where the reader may sleep, and so whether it does is
    // looked at next (channel.hpp); release where it polls: then the core does not wait until it has the line.
    Status try_send(Header header, std::span<const uint64_t> words,
                    std::memory_order publish = std::memory_order_seq_cst) {
        header.first = 1;
        header.left = 0;
        if (words.size() <= payload_words) [[likely]] {
            if (credits() == 0) return Error::full;
            write_line(header, words, publish);
            fetch(1);
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
        const Cursor first = cursor_;
        cursor_.advance(lines_);
        for (size_t i = 1; i < count; ++i) {
            header.id = static_cast<uint16_t>(id + i);
            write_line(header, messages[i], std::memory_order_release);
            fetch(4);
        }
        const Cursor end = std::exchange(cursor_, first);
        header.id = id;
        write_line(header, messages[0], std::memory_order_seq_cst);
        cursor_ = end;
        return count;
    }

    // The reader says that it has consumed `total` lines, as a full count. Error::corrupt if it cannot have.
    Status acknowledge(uint64_t total) {
        if (total - acknowledged_ > cursor_.number - acknowledged_) return Error::corrupt;
        acknowledged_ = total;
        return {};
    }
    // The same from a header: the count modulo 4096. One that runs backwards shows as one that runs too far.
    Status acknowledge_modulo(uint16_t count) {
        return acknowledge(acknowledged_ + ((count - acknowledged_) & Header::count_mask));
    }

    uint32_t credits() const { return lines_ - static_cast<uint32_t>(cursor_.number - acknowledged_); }
    uint64_t acknowledged() const { return acknowledged_; }
    uint64_t sent() const { return cursor_.number; }

  private:
    // Fetches a line to come for writing: when its turn comes, its last reader's cache has given it up. `ahead` lines past
    // the cursor, at which the reader polls already; how far was measured (usr/bench/host). Not across the ring's end.
    void fetch(uint32_t ahead) {
        uint32_t next = cursor_.position + ahead;
        if (next < lines_) __builtin_prefetch(&ring_[next], 1);
    }

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
        Line& line = ring_[cursor_.position];
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
        uint64_t word = header.word() | cursor_.tag;
        if (publish == std::memory_order_seq_cst)
            line.header.store(word, std::memory_order_seq_cst);
        else
            line.header.store(word, std::memory_order_release);
        cursor_.advance(lines_);
    }

    Line* ring_;
    uint32_t lines_;
    Cursor cursor_;
    uint64_t acknowledged_ = 0;  // full count of lines that the reader has consumed
};

class RingReader {
  public:
    RingReader(const Line* ring, uint32_t lines) : ring_(ring), lines_(lines) {}

    // Takes the next line: copies its payload to `payload` and returns the header, of which epoch and
    // sequence are right and nothing else is checked. Error::again: nothing there. Error::corrupt: a line
    // from no lap.
    base::Result<Header> take(std::span<uint64_t, payload_words> payload) {
        const Line& line = ring_[cursor_.position];
        // Acquire, pairs with the writer's release: the payload read below is the one this header speaks of.
        // The word is loaded once and judged in our copy (law 12).
        uint64_t word = line.header.load(std::memory_order_acquire);
        if ((word & Header::tag_mask) != cursor_.tag) return is_stale(word) ? Error::again : Error::corrupt;
        uint64_t* to = payload.data();
#pragma GCC unroll 7
        for (size_t i = 0; i < payload_words; ++i) to[i] = line.payload[i].load(std::memory_order_relaxed);
        advance();
        return Header::from(word);
    }

    // The same, for a poll loop: relaxed, since take() looks again before it believes anything.
    bool waiting() const {
        return !is_stale(ring_[cursor_.position].header.load(std::memory_order_relaxed));
    }
    // Is there anything to take (or to complain about)? seq_cst: the recheck before blocking.
    bool arrived() const {
        return !is_stale(ring_[cursor_.position].header.load(std::memory_order_seq_cst));
    }
    uint64_t consumed() const {
        return cursor_.number;
    }

  private:
    void advance() {
        uint64_t before = cursor_.tag;
        if (cursor_.advance(lines_)) [[unlikely]] {
            stale_mask_ = Header::tag_mask;
            stale_tag_ = (before & ~(Header::count_mask << 12)) | Header::tag(0, cursor_.number - lines_);
        } else if (stale_mask_ == Header::tag_mask) {
            stale_tag_ = Cursor::following(stale_tag_);
        }
    }
    bool is_stale(uint64_t word) const {
        return (word & stale_mask_) == stale_tag_;
    }

    const Line* ring_;
    uint32_t lines_;
    Cursor cursor_;
    // What the header at the cursor says while nothing has come: the tag of the lap before. In the first lap the memory
    // is zero, all of it.
    uint64_t stale_tag_ = 0, stale_mask_ = ~uint64_t{0};
};

}  // namespace skerry::urpc
