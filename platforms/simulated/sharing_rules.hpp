// Memory that several cores hold, looked at across all cores:
//   always     one owner: kernel objects and frames of a core lie in memory that it owns; what a core's monitor holds of
//              another core's memory its owner has an anchor of, so that none is an orphan and the set of holders misses nobody
//   at rest    the books are exact: an owner's anchor has a holder, a holder's anchor has something of the object beside it, and
//              what is not a channel's has an anchor; a core that was fenced is in nobody's book, and the boot core owns its memory
// A core's own are looked at when its driver is left, at every fourth time (on a course, course.hpp, at each).
#pragma once

#include <vector>

#include "platforms/simulated/checker.hpp"
#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

class SharingRules final : public Checker {
  public:
    explicit SharingRules(Simulator& simulator)
        : simulator_(simulator), left_(simulator.world().shape().cores.size()) {}
    void boundary(Actor actor) override;
    void quiet() override;

  private:
    static constexpr uint32_t interval = 4;
    using Capability = capabilities::Capability;
    using Tree = cpudriver::DerivationTree;
    Tree* tree(uint32_t hardware);
    const char* problem(uint32_t hardware);
    const char* problem_at_rest(uint32_t hardware);
    bool anchored(uint32_t hardware, const Capability& object);
    bool held_elsewhere(uint32_t hardware, const Capability& object);
    uint32_t owner_of(const Capability& object);
    uint32_t keeper_of(const Capability& object);
    void fail(uint32_t hardware, const char* why);

    Simulator& simulator_;
    std::vector<uint32_t> left_;  // by core: entries until the next look
};

}  // namespace skerry::simulated
