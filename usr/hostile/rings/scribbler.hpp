// A peer that writes what it likes into its half of a channel: half of it valid messages, the rest garbage, torn and
// replayed lines, and lies about what it has read. What it does depends on its seed and on what the other side writes.
// Portable, without memory of its own: host tests play it against connections in their process, `rings` against services.
//
//   Vocabulary (a valid message of the protocol) --\                     +-- our half: status line, lines --> the victim
//                                                   +-- Scribbler ------>|
//   garbage: header, words, status, halves, replay -/                    +-- peer's half, read as anybody would
#pragma once

#include <span>

#include "urpc/channel.hpp"
#include "usr/hostile/fuzz/random.hpp"

namespace skerry::usr::hostile {

// Valid messages of a protocol.
class Vocabulary {
  public:
    struct Phrase {
        uint8_t opcode = 0;
        size_t words = 0;  // whole lines' worth
    };
    virtual Phrase compose(Random& random, std::span<uint64_t, urpc::max_message_words> words) = 0;
    // What the victim would do for its sender may be made harmless here, in a first line's words, right or garbage: text on
    // a terminal, for one.
    virtual void tame(uint8_t /*opcode*/, std::span<uint64_t> /*words*/) {}
    // Of a message that is tame only with the words that were made for it: no line of it is torn, no bit of it flipped.
    virtual bool only_whole(uint8_t /*opcode*/) const { return false; }
    virtual uint64_t hash() const = 0;
    virtual uint8_t opcodes() const = 0;  // 1 to this

  protected:
    ~Vocabulary() = default;
};

class Scribbler {
  public:
    Scribbler(const urpc::ChannelLayout& layout, Vocabulary& vocabulary, uint64_t seed);

    // One message or one misdeed. `pause` is called between the halves of a torn line: there the victim may look.
    template <typename Pause>
    void step(Pause&& pause) {
        take_answers();
        if (random_.one_in(2)) return say();
        size_t torn = misbehave();
        if (torn == 0) return;
        pause();
        finish_torn();
    }
    // The victim has closed the channel.
    bool closed() const;

    uint64_t valid() const { return valid_; }  // messages
    uint64_t misdeeds() const { return misdeeds_; }
    uint64_t answers() const { return answers_; }  // lines that came back

  private:
    enum class Misdeed : uint32_t { header, words, halves, replay, acknowledgement, length, status, anywhere, count_ };

    void take_answers();
    void say();
    size_t misbehave();
    void finish_torn();
    void wrong_header();
    void wrong_length();
    void replay();
    void lie_in_status();
    uint32_t lap() const { return layout_.lines - 1; }  // all of its laps are whole
    urpc::Line& line(uint64_t number) { return layout_.our_ring[number % lap()]; }
    urpc::Header header_for(uint64_t number) const;
    void put(urpc::Header header, std::span<const uint64_t> words);
    void change_any_line();

    urpc::ChannelLayout layout_;
    Vocabulary& vocabulary_;
    Random random_;
    urpc::ShortLapReader reader_;
    uint64_t sent_ = 0;  // lines, of which the victim has acknowledged:
    uint64_t acknowledged_ = 0;
    uint64_t valid_ = 0, misdeeds_ = 0, answers_ = 0;
    urpc::Header torn_;  // the rest of a line that was written in halves
    uint64_t torn_words_[urpc::payload_words] = {};
    bool header_first_ = false;
};

}  // namespace skerry::usr::hostile
