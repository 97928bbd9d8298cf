#include "monitor/agreement/round.hpp"

namespace skerry::monitor::agreement {

using base::CoreId;

bool Round::next(Branch& out) {
    if (asked_ == width_ || unasked_.empty()) return false;
    if (!next_of_tree(out)) out = next_part();
    branches_[asked_++] = out;
    return true;
}

// One that is lost, or not a member, is passed over: those below it are split like any others, behind the tree's branches.
bool Round::next_of_tree(Branch& branch) {
    while (next_in_tree_ < tree_.size()) {
        auto at = static_cast<uint32_t>(next_in_tree_);
        uint32_t count = tree_.below(at);
        next_in_tree_ += 1 + count;
        CoreId child = tree_.core(at);
        if (!unasked_.contains(child)) continue;
        branch = {child, static_cast<uint16_t>(at + 1), static_cast<uint16_t>(count), {}};
        unasked_.remove(child);
        for (uint32_t i = at + 1; i <= at + count; ++i) {
            CoreId core = tree_.core(i);
            if (!unasked_.contains(core)) continue;
            unasked_.remove(core);
            branch.below.add(core);
        }
        return true;
    }
    return false;
}

Branch Round::next_part() {
    uint32_t free = width_ - asked_;
    uint32_t part = (unasked_.size() + free - 1) / free;
    SKERRY_ASSERT(part >= 1);
    Branch branch{unasked_.take(), 0, 0, {}};
    for (uint32_t i = 1; i < part; ++i) branch.below.add(unasked_.take());
    return branch;
}

bool Round::waits_for(CoreId core) const {
    for (uint32_t i = 0; i < asked_; ++i) {
        if (branches_[i].child == core) return true;
    }
    return false;
}

bool Round::answered(CoreId child, const Answer& answer) {
    for (uint32_t i = 0; i < asked_; ++i) {
        if (branches_[i].child != child) continue;
        forget(i);
        answer_.merge(answer);
        return true;
    }
    return false;
}

void Round::lost(CoreId core) {
    bool ours = unasked_.contains(core);
    SKERRY_ASSERT(!ours || !waits_for(core));
    unasked_.remove(core);
    for (uint32_t i = 0; i < asked_;) {
        // One below another child is that child's to count; but if it is lost as well, nobody is to be asked here.
        branches_[i].below.remove(core);
        if (branches_[i].child != core) {
            ++i;
            continue;
        }
        unasked_.add(branches_[i].below);
        forget(i);
        ours = true;
    }
    if (ours) answer_.lost++;
}

void Round::performed(const Answer& own) {
    SKERRY_ASSERT(!performed_);
    performed_ = true;
    answer_.merge(own);
}

}  // namespace skerry::monitor::agreement
