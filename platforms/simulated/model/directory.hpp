// Who holds which line, and what it costs to get it: a directory of MOESI states at the lines' home nodes.
//
//   state of a line   owner  sharers        a core that loads it          a core that takes it (to store)
//   I                 -      -              from memory, becomes E        from memory, becomes M
//   E, M              one    -              from the owner: S or O        from the owner: M
//   O                 one    some           from the owner                its copies end: M
//   S                 -      some           from memory                   its copies end: M
//
// A transfer waits for its line (its home serves one transfer of a line at a time, until the requester has said that it
// has it), for its home node, for the links that the line crosses, and for the transfer before it between the same two
// cores. Caches are as large as it takes: nothing is evicted.
#pragma once

#include <array>
#include <memory>
#include <unordered_map>
#include <vector>

#include "platforms/simulated/model/calendar.hpp"
#include "platforms/simulated/model/prices.hpp"

namespace skerry::simulated::model {

using CoreIndex = uint32_t;
using LineIndex = uint64_t;  // byte offset in simulated memory / 64
constexpr CoreIndex nobody = UINT32_MAX;

enum class State : uint8_t { invalid, shared, exclusive, owned, modified };

// Told of what happens to copies, before the call that did it returns.
class CopyWatcher {
  public:
    // From `when` on `core` has no copy.
    virtual void copy_ended(CoreIndex core, LineIndex line, Time when) = 0;

  protected:
    ~CopyWatcher() = default;
};

class Directory {
  public:
    enum class Kind : uint8_t { load, take };
    struct Outcome {
        Time done;
        bool hit;
    };
    struct Traffic {
        uint64_t hits = 0, from_core = 0, from_memory = 0, taken = 0, copies_ended = 0;
        Time waited_line = 0, waited_home = 0, waited_pair = 0, waited_link = 0;
    };

    // `homes`: the node of each 4-KiB page of simulated memory.
    Directory(const Machine& machine, const Prices& prices, std::vector<uint32_t> homes);
    void set_watcher(CopyWatcher* watcher) { watcher_ = watcher; }

    // One access that begins at `now`. Calls come in the order of their times, or the figures mean nothing.
    Outcome access(CoreIndex core, LineIndex line, Kind kind, Time now);
    // Nobody else reads the line before `until`: who took it has yet to store in it.
    void hold(LineIndex line, Time until);

    State state(CoreIndex core, LineIndex line) const;
    bool holds(CoreIndex core, LineIndex line) const { return state(core, line) != State::invalid; }
    const Traffic& traffic() const { return traffic_; }
    const Prices& prices() const { return prices_; }
    uint64_t bytes() const;  // of the host's memory, about

  private:
    struct Entry {
        CoreIndex owner = nobody;
        bool dirty = false;
        uint32_t copies = 0;  // bits set in `sharers`, which the owner is not in
        Time free = 0;        // the transfer before is over
        Time stored = 0;      // and what it was taken for is done: a load comes after that
        std::vector<uint64_t> sharers;
    };
    static constexpr uint64_t lines_per_page = 64;
    using Page = std::array<Entry, lines_per_page>;
    Entry& entry_of(LineIndex line) {
        std::unique_ptr<Page>& page = pages_[line / lines_per_page];
        if (page == nullptr) page = std::make_unique<Page>();
        return (*page)[line % lines_per_page];
    }
    bool shares(const Entry& entry, CoreIndex core) const {
        return !entry.sharers.empty() && (entry.sharers[core / 64] >> (core % 64) & 1) != 0;
    }
    void share(Entry& entry, CoreIndex core);
    uint32_t end_copies(Entry& entry, LineIndex line, CoreIndex but, Time when);
    Time begin(Entry& entry, uint32_t home, Kind kind, Time now);
    Time wait_for_pair(CoreIndex supplier, CoreIndex core, Time now, Time start);
    Time cross_links(uint32_t from, uint32_t to, Time now, Time start);
    Time detour(uint32_t home, CoreIndex core, CoreIndex supplier) const;
    Time fetch(Entry& entry, uint32_t home, CoreIndex core, Kind kind, Time now, Time start);
    Time priced(const std::array<Time, relations>& prices, CoreIndex one, CoreIndex other) const;
    Time upgrade(Entry& entry, CoreIndex core, Time start);

    const Machine& machine_;
    Prices prices_;
    std::vector<uint32_t> homes_;
    std::vector<std::unique_ptr<Page>> pages_;  // null: nobody has touched it
    std::vector<Time> home_free_;
    std::vector<Calendar> links_;  // by node and next node
    std::unordered_map<uint64_t, Calendar> pairs_;
    CopyWatcher* watcher_ = nullptr;
    Traffic traffic_;
};

}  // namespace skerry::simulated::model
