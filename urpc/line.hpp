// The unit of transfer: one cache line. Seven words of payload, then the header, written last and polled.
//
//   byte 0      8      16     24     32     40     48     56
//        +------+------+------+------+------+------+------+--------+
//        |  w0  |  w1  |  w2  |  w3  |  w4  |  w5  |  w6  | header |
//        +------+------+------+------+------+------+------+--------+
//
//   header 63 62    56 55     48 47 46 45    40 39         24 23      12 11        0
//          +-+--------+---------+--+--+--------+-------------+----------+-----------+
//          |S| epoch  | opcode  |F |C |  left  | message id  | sequence | acknowl.  |
//          +-+--------+---------+--+--+--------+-------------+----------+-----------+
//   S         the lap ends here: it is a short one (short_laps.hpp)
//   epoch     1 + lap % 127 of the ring: never 0, so a zeroed line is never valid, and the line of an earlier
//             lap is told from a new one
//   opcode    1.. = the message's place in its protocol; in a control line: which (Control)
//   F         first line of a message        C   control line: of the library, not of the protocol
//   left      lines of this message that still follow, 0..63
//   sequence  running number of the line, modulo 4096
//   acknowl.  how many lines of the other direction the writer has consumed, modulo 4096
#pragma once

#include <array>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

namespace skerry::urpc {

constexpr size_t line_size = 64;          // bytes
constexpr size_t payload_words = 7;       // 64-bit words of payload in a line
constexpr size_t max_message_lines = 64;  // a message spans at most these
constexpr size_t max_message_words = max_message_lines * payload_words;

// Every word is an atomic, payload too: a hostile peer may write while we copy, and then a word must still be
// read exactly once and never torn. Relaxed accesses compile to plain moves.
struct alignas(line_size) Line {
    std::atomic<uint64_t> payload[payload_words];
    std::atomic<uint64_t> header;

    // Batches move two words at a time: fewer accesses a line, so more lines are on their way at once (usr/bench/host). Volatile: the
    // compiler accesses each pair once, as a whole or word by word. The order is another's affair: load() is for a line whose
    // header, or an earlier one that was published after it, has been acquired, ...
    void load(std::span<uint64_t, payload_words> to) const {
        using Unaligned [[gnu::aligned(8)]] = Pair;
        auto* pairs = reinterpret_cast<const volatile Pair*>(payload);
        for (size_t i = 0; i < payload_words / 2; ++i) *reinterpret_cast<Unaligned*>(&to[2 * i]) = pairs[i];
        to[payload_words - 1] = payload[payload_words - 1].load(std::memory_order_relaxed);
    }
    // ... and these for one that nobody looks at before a header is stored, its own or an earlier line's. From memory: word by word,
    // since the caller has mostly just stored them so, and a load wider than such a store waits until all stores have left the core.
    void store_payload(std::span<const uint64_t, payload_words> words) { store_words(InMemory{words}); }
    void store_unseen(std::span<const uint64_t, payload_words> words, uint64_t header_word) {
        store_all(InMemory{words}, header_word);
    }
    // By value: from the registers.
    void store_payload(std::array<uint64_t, payload_words>&& words) { store_words(InRegisters{words}); }
    void store_unseen(std::array<uint64_t, payload_words>&& words, uint64_t header_word) {
        store_all(InRegisters{words}, header_word);
    }

  private:
    using Pair [[gnu::vector_size(16), gnu::may_alias]] = uint64_t;
    // The same two words, called double so that each goes straight to where pairs are made: 64-bit integers take a detour.
    using Half [[gnu::may_alias]] = double;
    using Halves [[gnu::vector_size(16), gnu::may_alias]] = double;

    struct InMemory {
        std::span<const uint64_t, payload_words> words;
        double operator()(size_t i) const { return reinterpret_cast<const volatile Half*>(words.data())[i]; }
    };
    struct InRegisters {
        const std::array<uint64_t, payload_words>& words;
        double operator()(size_t i) const { return std::bit_cast<double>(words[i]); }
    };
    void store_pair(size_t i, double first, double second) {
        reinterpret_cast<volatile Halves*>(payload)[i] = Halves{first, second};
    }
    void store_pairs(auto word) {
#pragma GCC unroll 3
        for (size_t i = 0; i < payload_words / 2; ++i) store_pair(i, word(2 * i), word(2 * i + 1));
    }
    void store_words(auto word) {
        store_pairs(word);
        payload[payload_words - 1].store(std::bit_cast<uint64_t>(word(payload_words - 1)), std::memory_order_relaxed);
    }
    void store_all(auto word, uint64_t header_word) {
        store_pairs(word);
        store_pair(payload_words / 2, word(payload_words - 1), std::bit_cast<double>(header_word));
    }
};
static_assert(sizeof(Line) == line_size);
static_assert(std::atomic<uint64_t>::is_always_lock_free && sizeof(std::atomic<uint64_t>) == 8);
static_assert(std::endian::native == std::endian::little, "words cross as little-endian: swap them here");

enum class Control : uint8_t { failure = 1 };  // failure: word 0 is the Error that answers call `message id`

// The header as one register: fields lie as drawn above, from the least bit on.
struct Header {
    uint64_t acknowledged : 12 = 0;
    uint64_t sequence : 12 = 0;
    uint64_t id : 16 = 0;
    uint64_t left : 6 = 0;
    uint64_t control : 1 = 0;
    uint64_t first : 1 = 0;
    uint64_t opcode : 8 = 0;
    uint64_t epoch : 7 = 0;
    uint64_t short_lap : 1 = 0;

    static constexpr uint64_t count_mask = 0xfff;  // sequence and acknowledgement count modulo 4096
    static constexpr uint8_t epochs = 127;         // 1 to that
    static constexpr uint64_t tag_mask = uint64_t{epochs} << 56 | count_mask << 12;
    static constexpr uint64_t short_lap_bit = uint64_t{1} << 63;
    static constexpr uint64_t first_bit = uint64_t{1} << 47;
    // What tells a whole message of the protocol in one line from all else: tag, first, control, left.
    static constexpr uint64_t single_mask = tag_mask | first_bit | uint64_t{1} << 46 | uint64_t{0x3f} << 40;

    // What the next line's header of a batch is more: sequence and id, while neither comes round.
    static constexpr uint64_t step = uint64_t{1} << 12 | uint64_t{1} << 24;

    // The bits that say which line of which lap this is.
    static constexpr uint64_t tag(uint8_t epoch, uint64_t number) {
        return uint64_t{epoch} << 56 | (number & count_mask) << 12;
    }
    // A whole message in one line; tag and acknowledgement are to be added.
    static constexpr uint64_t single(uint8_t opcode, uint16_t id) {
        return uint64_t{opcode} << 48 | first_bit | uint64_t{id} << 24;
    }
    static constexpr uint8_t opcode_in(uint64_t word) { return static_cast<uint8_t>(word >> 48); }
    static constexpr uint16_t id_in(uint64_t word) { return static_cast<uint16_t>(word >> 24); }
    uint64_t word() const { return std::bit_cast<uint64_t>(*this); }
    static constexpr Header from(uint64_t word) { return std::bit_cast<Header>(word); }
};
// The compiler's order of bit-fields is the one that is drawn.
static_assert(sizeof(Header) == 8);
static_assert([](Header header) {
    return header.epoch == 0x12 && header.opcode == 0x34 && header.first == 0 && header.control == 1 &&
           header.left == 0x16 && header.id == 0x789a && header.short_lap == 0 && header.sequence == 0xbcd &&
           header.acknowledged == 0xef0;
}(Header::from(0x1234'5678'9abc'def0)));

}  // namespace skerry::urpc
