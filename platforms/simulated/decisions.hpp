// All that is not the code's to decide in a run, as a list of events. Drawn from a seed, the list is written down as it
// goes; a list that was written down, or a part of it, can be played instead. So a failure replays, and can be made shorter.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "platforms/simulated/chaos.hpp"

namespace skerry::simulated {

enum class Decision : uint8_t { go_on, late, spurious, interrupt, stale, stop };

struct Event {
    uint64_t step;  // visible step of the schedule
    Decision kind;
    uint64_t value;  // go_on, spurious, stop: which core; late: how many accesses; stale: how many stores back
};

class Decisions {
  public:
    // By a seed ...
    Decisions(const ChaosPlan& plan, Random random, uint32_t cores);
    // ... or as written down. What is not there does not happen, and cores change when one has nothing to do.
    explicit Decisions(std::vector<Event> events) : events_(std::move(events)), plays_(true) {}

    // `ready`: a bit a core that could go on. Returns who shall: `current` where nothing else is decided.
    uint32_t who(uint64_t step, uint32_t current, uint64_t ready, bool polls);
    std::optional<uint64_t> late(uint64_t step) {
        return decide(step, Decision::late, plan_.delay_one_in, plan_.delay_most);
    }
    std::optional<uint64_t> spurious(uint64_t step) {
        return decide(step, Decision::spurious, plan_.spurious_one_in, cores_);
    }
    // A program, now; `pending`: there is something to interrupt it for.
    bool interrupt(uint64_t step, bool pending) {
        uint64_t one_in = pending && plan_.prompt_one_in != 0 ? plan_.prompt_one_in : plan_.preempt_one_in;
        return decide(step, Decision::interrupt, one_in, 1).has_value();
    }
    // How far back a load looks that could see `choices` older values.
    uint64_t stale(uint64_t step, uint64_t choices) {
        return choices == 0 ? 0 : decide(step, Decision::stale, plan_.stale_one_in, choices).value_or(0);
    }
    bool weak() const { return plays_ || plan_.stale_one_in != 0; }
    std::optional<uint64_t> stop(uint64_t step);
    // Bits of the cores that do not run at this time, ns, though they could. Not written down: a list of events has none of it.
    uint64_t held_up(uint64_t clock);
    uint64_t held_until() const { return held_until_; }  // it may be others then

    const std::vector<Event>& events() const { return events_; }

  private:
    std::optional<uint64_t> decide(uint64_t step, Decision kind, uint64_t one_in, uint64_t values);
    std::optional<uint64_t> played(uint64_t step, Decision kind);
    uint32_t draw(uint64_t step, uint32_t current, uint64_t ready, bool polls);
    uint32_t by_priority(uint64_t step, uint32_t current, uint64_t ready, bool polls);
    uint32_t any_of(uint64_t ready);

    ChaosPlan plan_;
    Random random_{0};
    Random holds_{0};  // of its own: the other decisions of a seed stay as they are
    uint64_t held_from_ = 0, held_until_ = 0;
    uint32_t held_core_ = 0;
    uint32_t cores_ = 1;
    std::vector<Event> events_;
    size_t next_ = 0;  // of the events, when they are played
    size_t next_change_ = 0;
    std::vector<int64_t> priority_;  // by core
    int64_t lowest_ = 0;
    bool plays_ = false;
};

}  // namespace skerry::simulated
