// What this core shares with others: objects of ours that others hold (we are their owner), and objects of other
// cores that we hold. Each has an anchor: a capability of the monitor's at which revokes by programs stop, so that
// nothing of it is taken away, or made, behind the back of the cores that hold it (cpudriver/capability).
//
//   owner's core                                     a holder's core
//   RAM > Frame, Frame!   (! anchor)                 Frame!, Frame, Mapping    all of another core's memory
#pragma once

#include <array>

#include "monitor/agreement/commit.hpp"
#include "monitor/agreement/sharing.hpp"
#include "monitor/memory.hpp"
#include "urpc/protocols/monitor.hpp"

namespace skerry::monitor {

using capabilities::Capability;

// An object of ours.
struct Exported {
    Capability object;  // type null: this record is free
    Owned anchor;       // there as long as somebody holds it
    agreement::Sharing sharing;
};

// An object of another core's.
struct Imported {
    Capability object;  // type null: this record is free
    base::CoreId owner;
    Owned anchor;
    uint64_t arrival = 0;  // of the last copy, or of the record: what the owner said before is not about this
};

template <typename Record, uint32_t capacity>
class ObjectTable {
  public:
    // Null: not shared.
    Record* find(const Capability& object) {
        for (Record& record : records_) {
            if (!record.object.empty() && capabilities::same_object(record.object, object)) return &record;
        }
        return nullptr;
    }
    // Errors: full.
    base::Result<Record*> add(const Capability& object) {
        SKERRY_ASSERT(find(object) == nullptr && !object.empty());
        for (Record& record : records_) {
            if (!record.object.empty()) continue;
            record = Record{};
            record.object = object;
            return &record;
        }
        return base::Error::full;
    }
    void remove(Record& record) {
        SKERRY_ASSERT(!record.anchor);
        record.object = {};
    }
    std::array<Record, capacity>& all() { return records_; }
    uint32_t count() const {
        uint32_t sum = 0;
        for (const Record& record : records_) sum += !record.object.empty();
        return sum;
    }

  private:
    std::array<Record, capacity> records_{};
};

// What a program of ours wants to make of memory that others hold. Lives in the coroutine that waits for the owner's word.
struct Wish {
    base::ListLink link;
    uint32_t number = 0;
    base::DomainId domain;
    capabilities::Rights rights{};  // of the program's capability to the source
    urpc::monitor::Retype request{};
    Owned source;  // a copy of the program's: a revoke that comes first takes it
    base::Status made = base::Error::closed;
};
using WishList = base::List<Wish, &Wish::link>;

// A revoke that is under way, in the frame of its coroutine. `hold`, of those for a program: a copy of what is revoked, made
// an anchor, so that it does not go but by a revoke that takes as much and comes first (operation/withdraw.cpp).
struct Revoke {
    base::ListLink link;
    Capability object;
    Owned hold;
    // Of those for a program: which, and through what slot of its; 0 is nobody's.
    base::DomainId domain;
    uint64_t slot = 0;
};
using RevokeList = base::List<Revoke, &Revoke::link>;

// Operations in two phases that we coordinate: few at a time, so that members have room for those of many coordinators.
class Proposals {
  public:
    bool full() const { return running_[0] != 0 && running_[1] != 0; }
    uint32_t begin() {
        SKERRY_ASSERT(!full());
        return running_[running_[0] == 0 ? 0 : 1] = ++last_;
    }
    void end(uint32_t number) {
        SKERRY_ASSERT(number != 0 && (running_[0] == number || running_[1] == number));
        running_[running_[0] == number ? 0 : 1] = 0;
    }
    // All members know how those with lesser numbers have ended.
    uint32_t all_over_below() const {
        uint32_t least = last_ + 1;
        for (uint32_t number : running_) {
            if (number != 0 && number < least) least = number;
        }
        return least;
    }

  private:
    uint32_t last_ = 0;
    std::array<uint32_t, 2> running_{};  // 0 = free
};

// Memory of a core that was lost gets another owner (operation/inherit.cpp).
struct Inheritance {
    CoreSet untold;  // lost cores of whose memory we have not told the heir yet what we hold
    bool telling = false;
    // The heir's. By core: how many lost ones it has yet to tell about; their sum.
    std::array<uint16_t, CoreSet::capacity> awaited{};
    uint32_t awaited_sum = 0;
    CoreSet disowned;  // lost cores whose memory has no owner: there was no room for all of it
    bool settled() const { return awaited_sum == 0; }
};

struct SharedObjects {
    static constexpr uint32_t capacity = 128;
    ObjectTable<Exported, capacity> exported;
    ObjectTable<Imported, capacity> imported;
    uint64_t arrivals = 0;
    uint64_t changes_seen = 0;  // of DispatcherPage::changes
    bool sweeping = false;
    // Rounds of orders (operation/agree.cpp): our own, and those that we pass on. Apart, so that no two monitors wait for
    // each other's; passing on waits only for cores of greater index.
    static constexpr uint32_t most_rounds = 3;
    uint32_t own_rounds = 0, passed_rounds = 0;
    // Retype in two phases (operation/retype.cpp).
    agreement::Ballots ballots;
    Proposals proposals;
    WishList wishes;
    uint32_t last_wish = 0;
    RevokeList revokes;
    Inheritance inheritance;
};

}  // namespace skerry::monitor
