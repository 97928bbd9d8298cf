#include "platforms/simulated/decisions.hpp"

#include <bit>

namespace skerry::simulated {

Decisions::Decisions(const ChaosPlan& plan, Random random, uint32_t cores)
    : plan_(plan), random_(random), holds_(random), cores_(cores) {
    for (uint32_t i = 0; i < 64; ++i) priority_.push_back(static_cast<int64_t>(random_.below(1 << 20)));
}

std::optional<uint64_t> Decisions::played(uint64_t step, Decision kind) {
    while (next_ < events_.size() && events_[next_].step < step) ++next_;
    for (size_t i = next_; i < events_.size() && events_[i].step == step; ++i) {
        if (events_[i].kind == kind) return events_[i].value;
    }
    return std::nullopt;
}

std::optional<uint64_t> Decisions::decide(uint64_t step, Decision kind, uint64_t one_in, uint64_t values) {
    if (plays_) return played(step, kind);
    if (!random_.one_in(one_in)) return std::nullopt;
    uint64_t value =
        kind == Decision::late || kind == Decision::stale ? 1 + random_.below(values) : random_.below(values);
    events_.push_back({step, kind, value});
    return value;
}

std::optional<uint64_t> Decisions::stop(uint64_t step) {
    if (plays_) return played(step, Decision::stop);
    if (plan_.stops == ~0u || step != plan_.stops_at) return std::nullopt;
    events_.push_back({step, Decision::stop, plan_.stops});
    return plan_.stops;
}

uint64_t Decisions::held_up(uint64_t clock) {
    if (plan_.hold_most == 0) return 0;
    if (clock >= held_until_) {
        held_core_ = static_cast<uint32_t>(holds_.below(cores_));
        held_from_ = clock + holds_.below(1 + holds_.below(plan_.hold_most));  // short ones are more often
        held_until_ = held_from_ + 1 + holds_.below(1 + holds_.below(plan_.hold_most));
    }
    return clock < held_from_ ? 0 : uint64_t{1} << held_core_;
}

uint32_t Decisions::any_of(uint64_t ready) {
    for (uint64_t skip = random_.below(static_cast<uint64_t>(std::popcount(ready))); skip > 0; --skip)
        ready &= ready - 1;
    return static_cast<uint32_t>(std::countr_zero(ready));
}

uint32_t Decisions::by_priority(uint64_t step, uint32_t current, uint64_t ready, bool polls) {
    bool changes = next_change_ < plan_.changes.size() && step >= plan_.changes[next_change_];
    if (changes) ++next_change_;
    if (changes || polls) priority_[current] = --lowest_;
    uint32_t best = static_cast<uint32_t>(std::countr_zero(ready));
    for (uint64_t left = ready; left != 0; left &= left - 1) {
        auto core = static_cast<uint32_t>(std::countr_zero(left));
        if (priority_[core] > priority_[best]) best = core;
    }
    return best;
}

// Somebody who polls changes nothing: the others go first, mostly.
uint32_t Decisions::draw(uint64_t step, uint32_t current, uint64_t ready, bool polls) {
    if (plan_.switch_one_in == 0) return by_priority(step, current, ready, polls);
    bool still = (ready >> current & 1) != 0;
    if (still && !random_.one_in(polls ? 2 : plan_.switch_one_in)) return current;
    uint32_t next = any_of(ready);
    if (next == plan_.slow_core && !random_.one_in(16)) next = any_of(ready);
    return next;
}

uint32_t Decisions::who(uint64_t step, uint32_t current, uint64_t ready, bool polls) {
    bool still = (ready >> current & 1) != 0;
    uint64_t later = ready & ~((uint64_t{2} << current) - 1);  // the next one, round and round
    uint32_t usual = still && !polls ? current : static_cast<uint32_t>(std::countr_zero(later != 0 ? later : ready));
    if (!plays_) {
        uint32_t next = draw(step, current, ready, polls);
        if (next != usual) events_.push_back({step, Decision::go_on, next});
        return next;
    }
    auto asked = played(step, Decision::go_on);
    return asked && (ready >> *asked & 1) != 0 ? static_cast<uint32_t>(*asked) : usual;
}

}  // namespace skerry::simulated
