// One direction: a ring of lines that one side writes and the other polls. No shared indices; the reader
// never writes here. How much it has consumed comes back on the lines of the other direction (or its status
// line).
//
//              sent -- the writer's cursor              credits = lines of a whole lap - (sent - acknowledged)
//                v
//   +----+----+----+----+----+----+----+----+
//   | 16 | 17 | 10 | 11 | 12 | 13 | 14 | 15 |   lines 10 and 11 were consumed a lap ago or acknowledged
//   +----+----+----+----+----+----+----+----+
//                          ^
//                       the reader's cursor: line 12 of the expected lap is there; a line still tagged
//                       with an earlier lap means "nothing yet"; any other tag is a violation. Laps may be short: short_laps.hpp
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <type_traits>
#include <utility>

#include "platforms/base/hint.hpp"
#include "platforms/base/result.hpp"
#include "urpc/cursor.hpp"
#include "urpc/line.hpp"
#include "urpc/short_laps.hpp"

namespace skerry::urpc {

using base::Error;
using base::Status;
using Payload = std::array<uint64_t, payload_words>;

// Of a batch so many lines become visible at once. Of more the reader takes the first ones while the others are written: with room
// for two batches each side would wait for the whole of what the other does (usr/bench/host: what other numbers do, here and below).
constexpr size_t most_at_once = 20;
// A batch's reader fetches so many lines ahead; of a batch of no more than these, half as many as it has.
constexpr size_t batch_ahead = 8;

template <template <typename> typename AnyCursor>
class BasicRingWriter {
  public:
    // `lines` lines, at most 2047 so that an acknowledgement modulo 4096 is unambiguous.
    BasicRingWriter(Line* ring, uint32_t lines) : cursor_(ring, lines) { limit_ = cursor_.lap(); }

    // Writes a message of words.size() words in one or more lines, all or nothing. `header` gives opcode, id,
    // control and acknowledged; the rest is filled in. Error::full: not enough credits, nothing was written.
    // `publish`: the order of the last header's store. seq_cst where the reader may sleep, and so whether it does is
    // looked at next (channel.hpp); release where it polls: then the core does not wait until it has the line.
    // The line after it is not fetched for writing: the reader polls there by then and would take it back (usr/bench/host).
    Status try_send(Header header, std::span<const uint64_t> words,
                    std::memory_order publish = std::memory_order_seq_cst) {
        header.first = 1;
        header.left = 0;
        if (words.size() <= payload_words) [[likely]] {
            if (credits() == 0) return Error::full;
            write_line(header, words, publish);
            return {};
        }
        return send_lines(header, words, publish);
    }

    // Of `most` messages of one line each so many go at once, at most most_at_once: there are credits for them, their lines lie
    // behind each other in memory, and so do their ids from `id` on.
    size_t next_batch(size_t most, uint16_t id) const {
        return std::min({most, most_at_once, size_t{credits()}, size_t{cursor_.straight()}, size_t{0x10000} - id});
    }
    // Writes messages of one line each, next_batch() of them, and says how many; their ids are header.id and the ones that
    // follow. `next` is called for each, in order, and gives its words: a Payload by value, which (but for the first one's) goes
    // from the registers to the line without a copy in memory, or a span of words in memory that stay until the end.
    // They become visible at once: the first line's header is stored last, in the order `publish`. So the reader, which polls
    // that line, does not fetch the others while they are being written.
    template <typename Next>
    size_t try_compose_batch(Header header, size_t most, Next next,
                             std::memory_order publish = std::memory_order_seq_cst) {
        static_assert(!std::is_reference_v<decltype(next())>, "a value or a span: it is stored after others");
        const size_t count = next_batch(most, header.id);
        if (count == 0) return 0;
        header.first = 1;
        header.left = 0;
        Line& first = cursor_.line();
        const uint64_t first_header = complete(header.word(), count == 1 && cursor_.at_turn());
        auto first_words = next();
        write_behind(first, first_header, count, next);
        // The cursor moves once. Each store to it stands in the core's queue behind those to lines that the reader holds, and that
        // queue says how many of these are fetched at a time (usr/bench/host).
        cursor_.advance(static_cast<uint32_t>(count), first_header);  // which ends the lap only if it is alone
        first.store_payload(std::move(first_words));
        publish_header(first, first_header, publish);
        return count;
    }
    // The same from an array.
    size_t try_send_batch(Header header, std::span<const Payload> messages,
                          std::memory_order publish = std::memory_order_seq_cst) {
        auto next = [message = messages.data()]() mutable { return std::span(*message++); };
        return try_compose_batch(header, messages.size(), next, publish);
    }

    // The straight way for one line, when credits() != 0: words are stored to next(), then publish().
    Line& next() const { return cursor_.line(); }
    // `header` lacks the tag. seq_cst: payload before header, and then Channel looks whether the reader sleeps.
    [[gnu::always_inline]] void publish(uint64_t header) {
        Line& line = cursor_.line();
        const bool turning = cursor_.at_turn();
        const uint64_t word = complete(header, turning);
        line.header.store(word, std::memory_order_seq_cst);
        cursor_.advance_past(line, turning, word);
    }

    // The reader says that it has consumed `total` lines, as a full count. Error::corrupt if it cannot have.
    Status acknowledge(uint64_t total) {
        if (total - acknowledged() > cursor_.number() - acknowledged()) return Error::corrupt;
        if constexpr (AnyCursor<Line>::may_be_short) told_in_status_ = total;
        limit_ = total + cursor_.lap();
        return {};
    }
    // The same from a header: the count modulo 4096. One that runs backwards shows as one that runs too far.
    Status acknowledge_modulo(uint16_t count) {
        uint64_t more = (count - acknowledged()) & Header::count_mask;
        if (more > cursor_.number() - acknowledged()) return Error::corrupt;
        limit_ += more;
        return {};
    }

    uint32_t credits() const { return static_cast<uint32_t>(limit_ - cursor_.number()); }
    uint64_t acknowledged() const { return limit_ - cursor_.lap(); }
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

    // The lines of a batch behind the first one.
    template <typename Next>
    static void write_behind(Line& first, uint64_t word, size_t count, Next& next) {
        Line* const end = &first + count;
        Line* line = &first + 1;
        // Their last reader's cache gives them up by the time that we are there; none beyond the batch, where the reader may be now.
        for (Line* soon = line; soon < end; ++soon) base::will_write(soon);
        for (; line < end; ++line) {
            word += Header::step;
            line->store_unseen(next(), word);
        }
    }

    void write_line(Header header, std::span<const uint64_t> part, std::memory_order publish) {
        Line& line = cursor_.line();
        if (part.size() == payload_words) {
            store(line, part.first<payload_words>());
        } else {
            for (size_t i = 0; i < payload_words; ++i)
                line.payload[i].store(i < part.size() ? part[i] : 0, std::memory_order_relaxed);
        }
        const bool turning = cursor_.at_turn();
        const uint64_t word = complete(header.word(), turning);
        publish_header(line, word, publish);
        cursor_.advance_past(line, turning, word);
    }
    // The whole header of the next line; `may_end`: the lap may end there, and no batch goes on behind it.
    [[gnu::always_inline]] uint64_t complete(uint64_t header, bool may_end) const {
        header |= cursor_.tag();
        if constexpr (AnyCursor<Line>::may_be_short) {
            if (may_end) [[unlikely]]
                return header | end_of_lap();
        }
        return header;
    }
    // The lap ends early if the reader has consumed all but this line, and has told so by lines of his own: who answers by
    // the status line is not in step.
    [[gnu::noinline]] uint64_t end_of_lap() const {
        bool in_step = sent() == acknowledged() && sent() - told_in_status_ >= short_lap - 1;
        return in_step && cursor_.may_end() ? Header::short_lap_bit : 0;
    }
    // Release at the least: payload before header, and (for the acknowledgement in it) our copies before both.
    static void publish_header(Line& line, uint64_t word, std::memory_order publish) {
        if (publish == std::memory_order_seq_cst)
            line.header.store(word, std::memory_order_seq_cst);
        else
            line.header.store(word, std::memory_order_release);
    }
    // Relaxed: the header publishes them. They cannot overtake the acquire load of the acknowledgement that freed this
    // line, so the reader's copy of the old content is complete. One by one and not in pairs as in batches: so a simulated machine
    // sees each and may hold it back, and shows a header that comes too early.
    static void store(Line& line, std::span<const uint64_t, payload_words> words) {
#pragma GCC unroll 7
        for (size_t i = 0; i < payload_words; ++i) line.payload[i].store(words[i], std::memory_order_relaxed);
    }

    // Where a writer or reader begins at a cache line, all the words that it moves with each message lie in that line
    // (usr/bench/host).
    uint64_t limit_ = 0;  // lines before this number may be sent: the reader has consumed all that are a whole lap back
    AnyCursor<Line> cursor_;
    uint64_t told_in_status_ = 0;  // the last full count
};

template <template <typename> typename AnyCursor>
class BasicRingReader {
  public:
    BasicRingReader(const Line* ring, uint32_t lines) : cursor_(ring, lines) {}

    // Takes the next line: copies its payload to `payload` and returns the header, of which epoch and
    // sequence are right and nothing else is checked. Error::again: nothing there. Error::corrupt: a line
    // from no lap.
    base::Result<Header> take(std::span<uint64_t, payload_words> payload) {
        const Line& line = cursor_.line();
        // Acquire, pairs with the writer's release: the payload read below is the one this header speaks of.
        // The word is loaded once and judged in our copy (law 12).
        uint64_t word = line.header.load(std::memory_order_acquire);
        if ((word & Header::tag_mask) != cursor_.tag()) return is_stale(word) ? Error::again : Error::corrupt;
        copy(line, payload);
        cursor_.advance(word);
        return Header::from(word);
    }

    struct Batch {
        size_t count;  // lines taken
        Header last;   // the last one's, if there is one; its acknowledgement is the newest
    };
    // Takes as many lines as are there, at most `most`, and calls use(header, line) for each, in order: it reads each word of the
    // payload once, as Line::load does, and leaves this reader alone. Each line is judged as take() does. Error::corrupt: a line
    // from no lap, and none before it. Once the first is there, those after it are fetched ahead, up to `most`: more than is
    // sent at once takes lines from a writer who is at them. Short batches go on beyond while each is found at the first look.
    template <typename Use>
    base::Result<Batch> use_batch(size_t most, Use use) {
        const size_t straight = cursor_.straight();
        most = std::min(most, straight);
        const bool is_short = most <= batch_ahead;
        const size_t ahead = is_short ? (most + 1) / 2 : batch_ahead;
        const size_t there = is_short && whole_batches_ >= 2 ? straight : most;
        const size_t fetching = there - std::min(there, ahead);
        const Line* line = &cursor_.line();
        uint64_t tag = cursor_.tag(), last = 0;
        size_t count = 0;
        for (; count < most; ++count, ++line, tag += Header::tag(0, 1)) {
            const uint64_t word = line->header.load(std::memory_order_acquire);
            if ((word & Header::tag_mask) != tag) {
                if (count == 0 && !is_stale(word)) return Error::corrupt;
                break;
            }
            if (count < fetching) base::will_read(line + ahead);
            use(Header::from(word), *line);
            last = word;
        }
        whole_batches_ = count == most ? whole_batches_ + 1 : 0;
        // An honest writer puts nothing of this lap behind a line that ends it: that line is the last one here.
        if (count != 0) cursor_.advance(static_cast<uint32_t>(count), last);
        return Batch{count, Header::from(last)};
    }

    // The straight way, without a copy: `word` is next().header, loaded with acquire. Is that line a whole message of
    // the protocol? Whoever takes it reads each word of its payload once, then calls advance(word).
    const Line& next() const { return cursor_.line(); }
    bool is_single(uint64_t word) const {
        return ((word ^ (cursor_.tag() | Header::first_bit)) & Header::single_mask) == 0;
    }
    // Is it of the lap that is expected? If not, nothing has come, or something that belongs nowhere.
    bool is_current(uint64_t word) const { return ((word ^ cursor_.tag()) & Header::tag_mask) == 0; }
    // Is it the next line's, and apart from the acknowledgement Header::single() of a certain message?
    bool is_exactly(uint64_t single, uint64_t word) const {
        return ((word ^ (cursor_.tag() | single)) & ~Header::short_lap_bit) <= Header::count_mask;
    }
    [[gnu::always_inline]] void advance(uint64_t word) { cursor_.advance(word); }

    // The same, for a poll loop: relaxed, since take() looks again before it believes anything.
    bool waiting() const { return !is_stale(next().header.load(std::memory_order_relaxed)); }
    // Is there anything to take (or to complain about)? seq_cst: the recheck before blocking.
    bool arrived() const { return !is_stale(next().header.load(std::memory_order_seq_cst)); }
    bool is_stale(uint64_t word) const { return cursor_.is_stale(word); }
    // The next line will be looked at.
    [[gnu::always_inline]] void fetch() const { base::will_read(&next()); }
    uint64_t consumed() const { return cursor_.number(); }

  private:
    static void copy(const Line& line, std::span<uint64_t, payload_words> to) {
#pragma GCC unroll 7
        for (size_t i = 0; i < payload_words; ++i) to[i] = line.payload[i].load(std::memory_order_relaxed);
    }

    AnyCursor<const Line> cursor_;
    // Looks, one after the other, that found all that was asked for: from two on we lag behind, and more is there already.
    uint32_t whole_batches_ = 0;
};

// Both sides of a ring must be of a kind.
using RingWriter = BasicRingWriter<Cursor>;
using RingReader = BasicRingReader<Cursor>;
using ShortLapWriter = BasicRingWriter<ShortLapCursor>;
using ShortLapReader = BasicRingReader<ShortLapCursor>;

}  // namespace skerry::urpc
