// A place in a ring of lines with short laps, as both of its sides keep one: ring.hpp.
//
//   line   0    1   ...   5    6    7   ...   29   30
//        +----+----+----+----+----+----+----+----+----+    A lap may end after its seventh line, whose header
//        | >------------------->---- ends ------->    |    says so. So few lines take turns while messages are taken as they come,
//        |       short lap     |     whole lap   |    |    and all but one are used by a writer who is ahead of his reader. When a
//        +----+----+----+----+----+----+----+----+----+    short lap ends, its seventh line alone may be unread: the next lap's is the
//                              seventh           spare     other of lines 6 and 30. After a whole lap it is line 6.
//                              line
#pragma once

#include <algorithm>

#include "platforms/base/assert.hpp"
#include "urpc/line.hpp"

namespace skerry::urpc {

// In lines. Eight in turn, the spare one among them, cost a round trip nothing, nine as much as all (usr/bench/host).
constexpr uint32_t short_lap = 7;

// As Cursor; one line has less room.
template <typename AnyLine>
class ShortLapCursor {
  public:
    static constexpr bool may_be_short = true;

    // Of fewer than nine lines all laps are whole.
    ShortLapCursor(AnyLine* ring, uint32_t lines)
        : ring_(ring), lap_(lines < short_lap + 2 ? lines : lines - 1), first_part_(lap_ == lines ? lines : short_lap) {
        SKERRY_ASSERT(lines >= 2 && lines <= Header::count_mask / 2);
        begin_part(ring, Header::tag(1, 0), first_part_);
    }
    uint64_t number() const { return number_; }
    uint64_t tag() const { return tag_at_0_ + number_ * Header::tag(0, 1); }  // epoch and sequence
    AnyLine& line() const { return *line_; }
    uint32_t lap() const { return lap_; }  // lines of a whole one: so many may be under way
    // The last line of a part of the lap, or before the sequence numbers begin anew.
    bool at_turn() const { return line_ + 1 == end_; }
    // So many lines lie behind each other in memory from here, this one included, and their tags, too; at least 1.
    uint32_t straight() const { return static_cast<uint32_t>(straight_end_ - line_); }
    // The lap may end after this line.
    bool may_end() const { return is_last_of_short(line_) && no_old_epoch(); }

    // Past `line`, which is line(); `turning` is at_turn() there: whoever has both in registers need not load them again. `header`:
    // the line's; it ends the lap if it says so where that may be.
    [[gnu::always_inline]] void advance_past(AnyLine& line, bool turning, uint64_t header) {
        ++number_;
        line_ = &line + 1;
        if (turning) [[unlikely]]
            turn((header & Header::short_lap_bit) != 0);
    }
    [[gnu::always_inline]] void advance(uint64_t header) { advance_past(*line_, at_turn(), header); }
    // At most straight() lines at once; only the last one's header may end the lap.
    [[gnu::always_inline]] void advance(uint32_t count, uint64_t header) {
        if (count >= left()) [[unlikely]]
            return advance_over_parts(count, header);
        number_ += count;
        line_ += count;
    }
    // What the header here says while nothing has come: the tag that stood there before; in the first lap the memory is
    // zero, all of it.
    bool is_stale(uint64_t word) const {
        if (before_.epoch == 0) return word == 0;
        return (word & Header::tag_mask) == Header::tag(before_.epoch, number_ - (begun_ - before_.begun));
    }

  private:
    struct Lap {
        uint64_t begun = 0;  // the number of its first line
        uint8_t epoch = 0;   // 0: there was none
    };

    uint32_t left() const { return static_cast<uint32_t>(end_ - line_); }
    [[gnu::noinline]] void advance_over_parts(uint32_t count, uint64_t header) {
        // Past the seventh line at once, if those behind it were last written in the same lap as those here.
        if (count > left() + 1 && before_.epoch == rest_.epoch) end_ = straight_end_;
        while (count > left()) count -= skip(left(), 0);
        skip(count, header);
    }
    uint32_t skip(uint32_t count, uint64_t header) {
        number_ += count;
        line_ += count;
        if (line_ == end_) [[unlikely]]
            turn((header & Header::short_lap_bit) != 0);
        return count;
    }
    uint8_t epoch() const { return static_cast<uint8_t>(tag() >> 56); }
    uint8_t next_epoch() const { return epoch() == Header::epochs ? 1 : static_cast<uint8_t>(epoch() + 1); }
    static uint32_t numbers(uint64_t number) {
        return static_cast<uint32_t>(Header::count_mask + 1 - (number & Header::count_mask));
    }
    bool is_last_of_short(const AnyLine* line) const {
        return first_part_ != lap_ && line == ring_ + (on_spare_ ? lap_ : short_lap - 1);
    }
    // No line that the next lap may come to has that lap's epoch from long ago.
    bool no_old_epoch() const { return next_epoch() != last_[!on_spare_].epoch && next_epoch() != rest_.epoch; }

    // The end of a part of the lap, or of the sequence numbers: its carry falls off.
    [[gnu::noinline]] void turn(bool is_short) {
        AnyLine* const line = line_;
        const bool may_be_last = is_last_of_short(line - 1);
        if (line == ring_ + lap_ || (may_be_last && is_short && no_old_epoch())) {
            end_lap(line != ring_ + lap_);
        } else if (may_be_last) {
            before_ = rest_;
            go_on(ring_ + short_lap, tag());
        } else if (first_part_ != lap_ && line == ring_ + (short_lap - 1)) {
            before_ = last_[on_spare_];
            go_on(on_spare_ ? ring_ + lap_ : line, tag());
        } else {
            go_on(line, tag());
        }
    }
    // From this line on, with this tag.
    void go_on(AnyLine* line, uint64_t tag) {
        begin_part(line, tag & Header::tag_mask, std::min(part(line), numbers(number_)));
    }
    void begin_part(AnyLine* line, uint64_t tag, uint32_t count) {
        line_ = line;
        end_ = line + count;
        tag_at_0_ = tag - number_ * Header::tag(0, 1);
        straight_end_ =
            on_spare_ ? end_ : line + std::min(lap_ - static_cast<uint32_t>(line - ring_), numbers(number_));
    }
    // Lines from this one up to the next one of which something else is to be said.
    uint32_t part(const AnyLine* line) const {
        if (is_last_of_short(line)) return 1;
        auto position = static_cast<uint32_t>(line - ring_);
        if (first_part_ == lap_ || position >= short_lap) return lap_ - position;
        bool one_kind = !on_spare_ && last_[0].epoch == before_.epoch;
        return (one_kind ? short_lap : short_lap - 1) - position;
    }
    void end_lap(bool is_short) {
        before_ = {begun_, epoch()};
        last_[on_spare_] = before_;
        if (!is_short) rest_ = before_;
        on_spare_ = is_short && !on_spare_;
        begun_ = number_;
        go_on(ring_, Header::tag(next_epoch(), begun_));
    }

    // A line taken or written moves two words, the number and the line: each word stored stands in the core's queue behind stores
    // to lines that the other side holds (usr/bench/host). They are no neighbours: GCC would load both by 16 bytes, and a load of
    // 16 of what was stored by 8 waits until all stores before it have left the core.
    uint64_t number_ = 0;
    AnyLine* end_ = nullptr;  // of this part of the lap
    AnyLine* line_ = nullptr;
    uint64_t tag_at_0_ = 0;  // what the tag would be at number 0
    AnyLine* ring_;
    AnyLine* straight_end_ = nullptr;  // of straight()
    uint32_t lap_;
    uint32_t first_part_;    // lines after which a lap may end
    uint64_t begun_ = 0;     // the number of this lap's first line
    bool on_spare_ = false;  // this lap's seventh line is the spare one
    Lap before_;             // that last came to the lines of this part
    Lap last_[2], rest_;     // ... to line 6 and to the spare one; to those after line 6
};

}  // namespace skerry::urpc
