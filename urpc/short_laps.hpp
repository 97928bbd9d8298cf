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
        go_on(ring, 0, Header::tag(1, 0), first_part_);
    }
    uint64_t number() const { return end_.number - straight_; }
    uint64_t tag() const { return end_.tag - Header::tag(0, 1) * straight_; }  // epoch and sequence
    AnyLine& line() const { return end_.line[-static_cast<ptrdiff_t>(straight_)]; }
    uint32_t lap() const { return lap_; }  // lines of a whole one: so many may be under way
    // The last line of a part of the lap, or before the sequence numbers begin anew.
    bool at_turn() const { return straight_ == 1; }
    // So many lines lie behind each other in memory from here, this one included, and their tags, too; at least 1.
    uint32_t straight() const {
        if (on_spare_) [[unlikely]]
            return straight_;
        return std::min(lap_ - static_cast<uint32_t>(&line() - ring_), numbers(number()));
    }
    // The lap may end after this line.
    bool may_end() const { return is_last_of_short(&line()) && no_old_epoch(); }

    // `header`: the line's; it ends the lap if it says so where that may be.
    [[gnu::always_inline]] void advance(uint64_t header) {
        if (--straight_ == 0) [[unlikely]]
            turn((header & Header::short_lap_bit) != 0);
    }
    // At most straight() lines at once; only the last one's header may end the lap.
    void advance(uint32_t count, uint64_t header) {
        // Past the seventh line at once, if those behind it were last written in the same lap as those here.
        if (count > straight_ + 1 && before_.epoch == rest_.epoch) go_on(&line(), number(), tag(), straight());
        while (count > straight_) count -= skip(straight_, 0);
        skip(count, header);
    }
    // What the header here says while nothing has come: the tag that stood there before; in the first lap the memory is
    // zero, all of it.
    bool is_stale(uint64_t word) const {
        if (before_.epoch == 0) return word == 0;
        return (word & Header::tag_mask) == Header::tag(before_.epoch, number() - (begun_ - before_.begun));
    }

  private:
    struct Lap {
        uint64_t begun = 0;  // the number of its first line
        uint8_t epoch = 0;   // 0: there was none
    };

    uint32_t skip(uint32_t count, uint64_t header) {
        straight_ -= count;
        if (straight_ == 0) [[unlikely]]
            turn((header & Header::short_lap_bit) != 0);
        return count;
    }
    uint8_t epoch() const { return static_cast<uint8_t>(end_.tag >> 56); }
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
        end_.tag &= Header::tag_mask;
        AnyLine* const line = end_.line;
        if (line == ring_ + lap_) {
            end_lap(false);
        } else if (is_last_of_short(line - 1)) {
            if (is_short && no_old_epoch())
                end_lap(true);
            else
                go_to(ring_ + short_lap, rest_);
        } else if (first_part_ != lap_ && line == ring_ + (short_lap - 1)) {
            go_to(on_spare_ ? ring_ + lap_ : line, last_[on_spare_]);
        }
        go_on(end_.line, end_.number, end_.tag, std::min(part(end_.line), numbers(end_.number)));
    }
    void go_to(AnyLine* line, const Lap& before) {
        end_.line = line;
        before_ = before;
    }
    // From this line on, for so many.
    void go_on(AnyLine* line, uint64_t number, uint64_t tag, uint32_t straight) {
        end_ = {line + straight, number + straight, tag + Header::tag(0, 1) * straight};
        straight_ = straight;
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
        Lap lap{begun_, epoch()};
        last_[on_spare_] = lap;
        if (!is_short) rest_ = lap;
        on_spare_ = is_short && !on_spare_;
        end_.tag = Header::tag(next_epoch(), end_.number);
        begun_ = end_.number;
        go_to(ring_, lap);
    }

    // Where this part ends, and how many lines before that we are: a line taken or written changes one word. Each word stored
    // stands in the core's queue behind stores to lines that the other side holds (usr/bench/host).
    struct End {
        AnyLine* line;
        uint64_t number;
        uint64_t tag;
    };
    uint32_t straight_ = 0;
    End end_{};
    AnyLine* ring_;
    uint32_t lap_;
    uint32_t first_part_;    // lines after which a lap may end
    uint64_t begun_ = 0;     // the number of this lap's first line
    bool on_spare_ = false;  // this lap's seventh line is the spare one
    Lap before_;             // that last came to the lines of this part
    Lap last_[2], rest_;     // ... to line 6 and to the spare one; to those after line 6
};

}  // namespace skerry::urpc
