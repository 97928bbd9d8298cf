#include "platforms/simulated/orders.hpp"

#include <algorithm>
#include <bit>

#include "platforms/base/assert.hpp"

namespace skerry::simulated {

bool Orders::Footprint::conflicts(const Touch& other) const {
    return std::any_of(touch.begin(), touch.begin() + count, [&](const Touch& mine) {
        bool one_side = mine.side == other.side && mine.side != 0;
        return mine.object == other.object && (mine.writes || other.writes) && !one_side;
    });
}

void Orders::reset() {
    known_ = 0;
    chance_ = 0;
    overflown_ = false;
    counts_ = {};
}

void Orders::begin_run() {
    depth_ = asleep_ = barrier_ = last_ = 0;
}

uint32_t Orders::choose(uint32_t ready, uint32_t later) {
    SKERRY_ASSERT(ready != 0 && ready < bit(cores));
    if (depth_ == steps_maximum) overflown_ = true;
    if (overflown_) return nobody;
    Place& place = place_[depth_];
    if (chance_ != 0) {
        place.chosen = by_chance(ready);
        place.footprint[place.chosen].count = 0;
        last_ = place.chosen;
        ++depth_;
        return last_;
    }
    if (depth_ == known_) {
        uint32_t choices = ready & ~asleep_;
        if (choices == 0) return nobody;
        if ((choices & ~later) != 0) choices &= ~later;
        place.ready = ready, place.sleep = asleep_, place.done = 0;
        place.slept_at = slept_at_;
        place.chosen = (choices & bit(last_)) != 0 ? last_ : static_cast<uint32_t>(std::countr_zero(choices));
        place.backtrack = bit(place.chosen);
        ++known_;
        ++counts_.states;
    }
    SKERRY_ASSERT(place.ready == ready);  // a run is the same up to where it leaves another
    asleep_ = place.sleep | place.done;
    slept_at_ = place.slept_at;
    for (uint32_t core = 0; core < cores; ++core) {
        if ((place.done & bit(core)) != 0) slept_at_[core] = depth_;
    }
    place.barrier = barrier_;
    place.footprint[place.chosen].count = 0;
    last_ = place.chosen;
    ++depth_;
    return last_;
}

// A step of a linear congruential generator (Knuth's MMIX constants). How often a run changes cores is its own: at every
// second to every sixteenth step.
uint32_t Orders::by_chance(uint32_t ready) {
    if (depth_ == 0) rarely_ = chance_ / 2 % 4 + 1;
    chance_ = chance_ * 6364136223846793005 + 1442695040888963407;
    bool changes = (chance_ >> 40 & ((uint64_t{1} << rarely_) - 1)) == 0;
    if ((ready & bit(last_)) == 0) return 1 - last_;
    return changes && (ready & bit(1 - last_)) != 0 ? 1 - last_ : last_;
}

void Orders::touched(uint32_t step, uint64_t object, bool writes, uint64_t side) {
    SKERRY_ASSERT(step < depth_);
    uint32_t core = place_[step].chosen;
    Footprint& footprint = place_[step].footprint[core];
    Touch touch{object, side, writes};
    auto end = footprint.touch.begin() + footprint.count;
    if (std::find(footprint.touch.begin(), end, touch) != end) return;
    if (footprint.count == touches_maximum) {
        overflown_ = true;
        return;
    }
    footprint.touch[footprint.count++] = touch;
    for (uint32_t other = 0; other < cores; ++other) {
        if (other == core || (asleep_ & bit(other)) == 0) continue;
        if (place_[slept_at_[other]].footprint[other].conflicts(touch)) asleep_ &= ~bit(other);
    }
}

// Of each step: the last one of the other core that touched what it touched. If nothing else puts that one first, the place
// from which it was taken must try this core.
void Orders::find_races() {
    std::array<uint32_t, cores> known{};  // by core: so many places of the run come before what it does next
    for (uint32_t at = 0; at < depth_; ++at) {
        const Place& place = place_[at];
        uint32_t core = place.chosen, other = 1 - core;
        known[core] = std::max(known[core], place.barrier);
        const Footprint& footprint = place.footprint[core];
        for (uint32_t before = at; before-- > known[core];) {
            Place& earlier = place_[before];
            if (earlier.chosen != other) continue;
            const Footprint& theirs = earlier.footprint[other];
            bool meets = std::any_of(theirs.touch.begin(), theirs.touch.begin() + theirs.count,
                                     [&](const Touch& touch) { return footprint.conflicts(touch); });
            if (!meets) continue;
            if ((earlier.ready & ~earlier.backtrack & bit(core)) != 0) {
                earlier.backtrack |= bit(core);
                ++counts_.races;
            }
            known[core] = before + 1;
            break;
        }
    }
}

// The deepest place that has something left to try.
bool Orders::next_choice() {
    for (; known_ > 0; --known_) {
        Place& place = place_[known_ - 1];
        place.done |= bit(place.chosen);
        uint32_t left = place.backtrack & ~place.done & ~place.sleep;
        if (left == 0) continue;
        place.chosen = static_cast<uint32_t>(std::countr_zero(left));
        return true;
    }
    return false;
}

bool Orders::end_run(bool complete) {
    if (chance_ != 0) return !overflown_;
    counts_.longest = std::max<uint64_t>(counts_.longest, depth_);
    ++(complete ? counts_.complete : counts_.redundant);
    if (overflown_) return false;
    find_races();
    return next_choice();
}

}  // namespace skerry::simulated
