// One round of an operation at one member: those below are asked, this member does its own part, and all answers are
// merged into one on the way up. A one-phase operation is one round; a two-phase one is two (commit.hpp).
//
//   Round round(below);
//   while (round.next(branch)) send(branch.child, branch.below);   // a branch: who is asked, and for whom it answers
//   round.performed(own);                                          // at any time
//   on an answer: round.answered(child, answer);  on a loss: round.lost(core), then next() may have more to ask
//   when round.complete(): answer() goes up
//
// A set is split into parts of neighbouring cores, and the first of each is its child: so whoever passes an order on
// has a smaller index than those below it, and members that wait for each other's answers never form a circle. Where a tree
// was chosen (order_tree.hpp), its branches come first, in its order; what is left is split as without one.
#pragma once

#include <array>
#include <cstdint>

#include "monitor/agreement/order_tree.hpp"
#include "monitor/core_set.hpp"
#include "platforms/base/result.hpp"

namespace skerry::monitor::agreement {

// Merging is commutative and associative: the sum does not depend on who was faster.
struct Answer {
    base::Error error = base::Error::none;  // of those that members gave, the one with the greatest number
    uint64_t sum = 0;                       // of what members counted
    uint64_t greatest = 0;                  // of what they said
    uint64_t lost = 0;                      // members that did not answer because their core was lost
    void merge(const Answer& other) {
        if (other.error > error) error = other.error;
        sum += other.sum;
        if (other.greatest > greatest) greatest = other.greatest;
        lost += other.lost;
    }
    bool operator==(const Answer&) const = default;
};

struct Branch {
    base::CoreId child;
    uint16_t first = 0, count = 0;  // what of the tree lies below the child; none: it is not from there
    CoreSet below;                  // not the child itself
    bool operator==(const Branch&) const = default;
};

class Round {
  public:
    static constexpr uint32_t widest = 8, usual_width = 4;  // children at a time

    explicit Round(const CoreSet& members, uint32_t width = usual_width) : unasked_(members), width_(width) {
        SKERRY_ASSERT(width >= 1 && width <= widest);
    }
    // Along a tree, whose bytes stay there as long as this.
    Round(const CoreSet& members, OrderTree tree, uint32_t width) : Round(members, width) { tree_ = tree; }
    // The next branch to ask; from then on its answer is waited for. False: none now.
    bool next(Branch& out);
    // False: nobody waits for that (it came late, or twice), and it is not counted.
    bool answered(base::CoreId child, const Answer& answer);
    // The core is fenced: it will not answer. Those below it are asked by us.
    void lost(base::CoreId core);
    // This member's own part is done.
    void performed(const Answer& own);

    bool waits_for(base::CoreId core) const;
    bool complete() const { return performed_ && asked_ == 0 && unasked_.empty(); }
    const Answer& answer() const {
        SKERRY_ASSERT(complete());
        return answer_;
    }
    bool operator==(const Round&) const = default;

  private:
    bool next_of_tree(Branch& branch);
    Branch next_part();
    void forget(uint32_t index) {
        branches_[index] = branches_[asked_ - 1];
        branches_[--asked_] = Branch{};
    }
    CoreSet unasked_;
    OrderTree tree_;
    size_t next_in_tree_ = 0;
    uint32_t width_;
    uint32_t asked_ = 0;  // branches whose answers are waited for
    std::array<Branch, widest> branches_{};
    Answer answer_;
    bool performed_ = false;
};

}  // namespace skerry::monitor::agreement
