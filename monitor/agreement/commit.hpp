// Two phases: members prepare and vote, the coordinator decides, members do as was decided.
//
//   coordinator   round(prepare) --> decide: commit if all agreed and nobody was lost --> round(decision)
//
//   member                 prepare, agrees              decision
//              nothing -----------------> prepared -----------------> committed | aborted --forget--> nothing
//                  |  prepare, does not agree                               ^
//                  `----------------------------> aborted                   |
//                  `--inquire (its coordinator's core is lost)--> aborted --'  a late prepare finds it aborted
//
// When the coordinator's core is lost, the survivor with the least index asks all members how far they are (`inquire`)
// and decides: as somebody has done already, else abort. From its inquiry on a member takes decisions from it alone.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "monitor/core_set.hpp"
#include "platforms/base/result.hpp"

namespace skerry::monitor::agreement {

// Never used twice: the coordinator's core and its own count.
struct OperationId {
    base::CoreId root;
    uint32_t number = 0;  // 0 names nothing
    bool operator==(const OperationId&) const = default;
};

// Merged by taking the greater one.
enum class Stage : uint32_t { nothing, prepared, aborted, committed };

constexpr Stage merged(Stage a, Stage b) {
    return std::max(a, b);
}
// What a coordinator makes of the merged vote, and a successor of the merged stages of all survivors.
constexpr Stage decided(base::Error votes, uint64_t lost) {
    return votes == base::Error::none && lost == 0 ? Stage::committed : Stage::aborted;
}
constexpr Stage recovered(Stage stages) {
    return stages == Stage::committed ? Stage::committed : Stage::aborted;
}

struct Ballot {
    OperationId id;
    Stage stage = Stage::nothing;
    base::CoreId authority;  // whose decision counts
    CoreSet members;
    bool operator==(const Ballot&) const = default;
};

// What one member has promised. Bounded: each coordinator has few operations at a time, and an operation that finds
// no place is voted down, to be tried again by its coordinator when others have ended.
template <uint32_t capacity>
class BallotTable {
  public:
    // `own`: this member's vote. -> what it answers. Errors: full (no place), closed (it was aborted already), `own`.
    base::Error prepare(OperationId id, const CoreSet& members, base::Error own) {
        Ballot* ballot = place(id);
        if (ballot == nullptr) return base::Error::full;
        if (ballot->stage == Stage::prepared) return base::Error::none;  // asked once more, by another way
        if (ballot->stage != Stage::nothing) return base::Error::closed;
        ballot->stage = own == base::Error::none ? Stage::prepared : Stage::aborted;
        ballot->members = members;
        return own;
    }
    // True: act on it now. False: it is known already, or is not for `authority` to decide.
    bool decide(OperationId id, base::CoreId authority, Stage decision) {
        SKERRY_ASSERT(decision == Stage::committed || decision == Stage::aborted);
        Ballot* ballot = const_cast<Ballot*>(find(id));
        if (ballot == nullptr || ballot->authority != authority || ballot->stage != Stage::prepared) return false;
        ballot->stage = decision;
        return true;
    }
    // How far this member is. From now on only `successor` decides. Errors: full; closed (a later successor has asked,
    // so this one's core is lost, too).
    base::Result<Stage> inquire(OperationId id, base::CoreId successor) {
        SKERRY_ASSERT(successor != id.root);
        Ballot* ballot = place(id);
        if (ballot == nullptr) return base::Error::full;
        if (ballot->authority != id.root && successor < ballot->authority) return base::Error::closed;
        if (ballot->stage == Stage::nothing) ballot->stage = Stage::aborted;
        ballot->authority = successor;
        return ballot->stage;
    }
    // All members of that coordinator's operations below `number` know how they ended: nobody will ask again.
    void forget(base::CoreId root, uint32_t number) {
        for (Ballot& ballot : ballots_) {
            if (ballot.stage == Stage::nothing || ballot.id.root != root || ballot.id.number >= number) continue;
            SKERRY_ASSERT(ballot.stage != Stage::prepared);
            ballot = Ballot{};
        }
    }
    // Nothing of that coordinator's is decided any more, and nobody will ask (agreement.md: a lost owner).
    void lost(base::CoreId root) {
        for (Ballot& ballot : ballots_) {
            if (ballot.stage != Stage::nothing && ballot.id.root == root) ballot = Ballot{};
        }
    }

    const Ballot* find(OperationId id) const {
        SKERRY_ASSERT(id.number != 0);
        for (const Ballot& ballot : ballots_) {
            if (ballot.stage != Stage::nothing && ballot.id == id) return &ballot;
        }
        return nullptr;
    }
    Stage stage(OperationId id) const {
        const Ballot* ballot = find(id);
        return ballot == nullptr ? Stage::nothing : ballot->stage;
    }
    // In no order.
    const std::array<Ballot, capacity>& all() const { return ballots_; }
    bool operator==(const BallotTable&) const = default;

  private:
    // The operation's, or a free one; null = full.
    Ballot* place(OperationId id) {
        if (const Ballot* known = find(id)) return const_cast<Ballot*>(known);
        for (Ballot& ballot : ballots_) {
            if (ballot.stage != Stage::nothing) continue;
            ballot = {id, Stage::nothing, id.root, {}};
            return &ballot;
        }
        return nullptr;
    }
    std::array<Ballot, capacity> ballots_{};
};
using Ballots = BallotTable<64>;

}  // namespace skerry::monitor::agreement
