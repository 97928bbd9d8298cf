#include "platforms/simulated/model/directory.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "platforms/base/assert.hpp"

namespace skerry::simulated::model {

Directory::Directory(const Machine& machine, const Prices& prices, std::vector<uint32_t> homes)
    : machine_(machine),
      prices_(prices),
      homes_(std::move(homes)),
      pages_(homes_.size()),
      home_free_(machine.nodes),
      links_(size_t{machine.nodes} * machine.nodes) {}

State Directory::state(CoreIndex core, LineIndex line) const {
    const Page* page = pages_[line / lines_per_page].get();
    if (page == nullptr) return State::invalid;
    const Entry& entry = (*page)[line % lines_per_page];
    if (entry.owner == core) {
        if (entry.copies != 0) return State::owned;
        return entry.dirty ? State::modified : State::exclusive;
    }
    return shares(entry, core) ? State::shared : State::invalid;
}

void Directory::hold(LineIndex line, Time until) {
    Entry& entry = entry_of(line);
    entry.stored = std::max(entry.stored, until);
}

Directory::Outcome Directory::access(CoreIndex core, LineIndex line, Kind kind, Time now) {
    SKERRY_ASSERT(line / lines_per_page < pages_.size() && core < machine_.cores());
    Entry& entry = entry_of(line);
    State had = state(core, line);
    bool alone = had == State::modified || had == State::exclusive;
    if (alone || (kind == Kind::load && had != State::invalid)) {
        ++traffic_.hits;
        entry.dirty |= kind == Kind::take;
        return {now, true};  // what a hit takes is in the cycles of an instruction
    }
    uint32_t home = homes_[line / lines_per_page];
    Time start = begin(entry, home, kind, now);
    Time done = had == State::invalid ? fetch(entry, home, core, kind, now, start) : upgrade(entry, core, start);
    if (kind == Kind::take) {
        uint32_t ended = end_copies(entry, line, core, done);
        if (had != State::invalid && ended > 1) done += prices_.invalidate_each * (ended - 1);
        entry.owner = core;
        entry.dirty = true;
        ++traffic_.taken;
    }
    entry.free = std::max(entry.free, done);
    return {done, false};
}

// The home node takes transfers one after another, and those of one line one at a time.
Time Directory::begin(Entry& entry, uint32_t home, Kind kind, Time now) {
    Time at_home = std::max(now, home_free_[home]);
    home_free_[home] = at_home + prices_.home_occupancy;
    traffic_.waited_home += at_home - now;
    Time start = std::max(at_home, kind == Kind::load ? std::max(entry.free, entry.stored) : entry.free);
    traffic_.waited_line += start - at_home;
    return start;
}

Time Directory::wait_for_pair(CoreIndex supplier, CoreIndex core, Time now, Time start) {
    Time gap = prices_.gap[static_cast<size_t>(machine_.relation(supplier, core))];
    Time begun = pairs_[uint64_t{supplier} << 32 | core].book(now, start, gap);
    traffic_.waited_pair += begun - start;
    return begun;
}

// -> how much later the line arrives because others are on its way. What the way itself takes is in the prices.
Time Directory::cross_links(uint32_t from, uint32_t to, Time now, Time start) {
    Time at = start;
    while (from != to) {
        uint32_t next = machine_.next_hop(from, to);
        at = links_[size_t{from} * machine_.nodes + next].book(now, at, prices_.link_occupancy);
        from = next;
    }
    traffic_.waited_link += at - start;
    return at - start;
}

// Table 2's prices are those of a line at home with one of the two. Elsewhere the request goes a longer way.
Time Directory::detour(uint32_t home, CoreIndex core, CoreIndex supplier) const {
    uint32_t from = machine_.node_of(core), to = machine_.node_of(supplier);
    return prices_.hop * (machine_.hops(from, home) + machine_.hops(home, to) - machine_.hops(from, to));
}

// The line comes to a core that has no copy: from its owner, or from memory.
Time Directory::fetch(Entry& entry, uint32_t home, CoreIndex core, Kind kind, Time now, Time start) {
    if (entry.owner == nobody) {
        ++traffic_.from_memory;
        Time late = cross_links(home, machine_.node_of(core), now, start);
        if (entry.copies == 0) {
            entry.owner = core;
            entry.dirty = false;
        } else {
            share(entry, core);
        }
        return start + prices_.memory + late + 2 * prices_.hop * machine_.hops(machine_.node_of(core), home);
    }
    ++traffic_.from_core;
    if (entry.dirty && kind == Kind::load) start = wait_for_pair(entry.owner, core, now, start);
    Time late = cross_links(machine_.node_of(entry.owner), machine_.node_of(core), now, start);
    Time price = priced(prices_.read, entry.owner, core);
    // To store in a line that somebody else has written is to read it and to take it.
    if (kind == Kind::take && entry.dirty) price += priced(prices_.take, entry.owner, core);
    Time way = detour(home, core, entry.owner);
    if (!entry.dirty) {  // E: both share it now, and nobody owes it to memory
        share(entry, entry.owner);
        entry.owner = nobody;
    }
    share(entry, core);
    return start + price + way + late;
}

// A core with a copy takes the line: probes go out, and the farthest answers last.
Time Directory::upgrade(Entry& entry, CoreIndex core, Time start) {
    Time most = 0;
    auto look = [&](CoreIndex other) {
        if (other != core) most = std::max(most, priced(prices_.take, core, other));
    };
    if (entry.owner != nobody) look(entry.owner);
    for (size_t word = 0; word < entry.sharers.size(); ++word) {
        for (uint64_t bits = entry.sharers[word]; bits != 0; bits &= bits - 1) {
            look(static_cast<CoreIndex>(word * 64 + static_cast<unsigned>(std::countr_zero(bits))));
        }
    }
    return start + most;
}

// Prices are known for three hops; each one more is crossed there and back.
Time Directory::priced(const std::array<Time, relations>& prices, CoreIndex one, CoreIndex other) const {
    Time price = prices[static_cast<size_t>(machine_.relation(one, other))];
    uint32_t hops = machine_.hops(machine_.node_of(one), machine_.node_of(other));
    return hops <= 3 ? price : price + 2 * prices_.hop * (hops - 3);
}

void Directory::share(Entry& entry, CoreIndex core) {
    if (entry.sharers.empty()) entry.sharers.resize((machine_.cores() + 63) / 64);
    uint64_t& word = entry.sharers[core / 64];
    uint64_t bit = uint64_t{1} << (core % 64);
    entry.copies += (word & bit) == 0;
    word |= bit;
}

// -> how many copies ended.
uint32_t Directory::end_copies(Entry& entry, LineIndex line, CoreIndex but, Time when) {
    uint32_t ended = 0;
    auto end = [&](CoreIndex core) {
        if (core == but) return;
        ++ended;
        if (watcher_ != nullptr) watcher_->copy_ended(core, line, when);
    };
    if (entry.owner != nobody) end(entry.owner);
    for (size_t word = 0; entry.copies != 0 && word < entry.sharers.size(); ++word) {
        for (uint64_t bits = std::exchange(entry.sharers[word], 0); bits != 0; bits &= bits - 1) {
            end(static_cast<CoreIndex>(word * 64 + static_cast<unsigned>(std::countr_zero(bits))));
        }
    }
    entry.copies = 0;
    traffic_.copies_ended += ended;
    return ended;
}

uint64_t Directory::bytes() const {
    uint64_t sum = pages_.size() * sizeof(pages_[0]);
    for (const auto& page : pages_) {
        if (page == nullptr) continue;
        sum += sizeof(Page);
        for (const Entry& entry : *page) sum += entry.sharers.size() * sizeof(uint64_t);
    }
    return sum + pairs_.size() * 64;
}

}  // namespace skerry::simulated::model
