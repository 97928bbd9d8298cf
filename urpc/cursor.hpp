// A place in a ring of lines, as both of its sides keep one: ring.hpp.
#pragma once

#include <algorithm>

#include "platforms/base/assert.hpp"
#include "urpc/line.hpp"

namespace skerry::urpc {

// Where one side stands: a running line number, the line at that place, and what of its header says so. Each lap goes
// round all lines (short_laps.hpp: where not). No division, five instructions a line: this is on every message's path.
template <typename AnyLine>
class Cursor {
  public:
    static constexpr bool may_be_short = false;

    Cursor(AnyLine* ring, uint32_t lines) : line_(ring), ring_(ring), lines_(lines), straight_(lines) {
        SKERRY_ASSERT(lines >= 2 && lines <= Header::count_mask / 2);
    }
    uint64_t number() const { return number_; }
    uint64_t tag() const { return tag_; }  // epoch and sequence
    AnyLine& line() const { return *line_; }
    uint32_t lap() const { return lines_; }  // so many may be under way
    // So many lines lie behind each other in memory from here, this one included, and their tags, too; at least 1.
    uint32_t straight() const { return straight_; }

    [[gnu::always_inline]] void advance(uint64_t) {
        ++number_;
        tag_ += Header::tag(0, 1);
        ++line_;
        if (--straight_ == 0) [[unlikely]]
            turn();
    }
    // Past `line`, which is line(); `turning` is at_turn() there.
    [[gnu::always_inline]] void advance_past(AnyLine&, bool, uint64_t header) { advance(header); }
    bool at_turn() const { return straight_ == 1; }
    // At most straight() lines at once.
    void advance(uint32_t count, uint64_t) {
        number_ += count;
        tag_ += Header::tag(0, count);
        line_ += count;
        straight_ -= count;
        if (straight_ == 0) [[unlikely]]
            turn();
    }
    // What the header here says while nothing has come: the tag of the lap before; in the first lap the memory is
    // zero, all of it.
    bool is_stale(uint64_t word) const {
        if (number_ < lines_) return word == 0;
        uint64_t epoch = tag_ >> 56;
        uint64_t before = Header::tag(static_cast<uint8_t>(epoch == 1 ? Header::epochs : epoch - 1), number_ - lines_);
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
            tag_ = Header::tag(epoch == Header::epochs ? 1 : static_cast<uint8_t>(epoch + 1), number_);
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

}  // namespace skerry::urpc
