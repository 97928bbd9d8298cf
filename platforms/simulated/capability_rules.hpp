// The rules of a core's derivation tree, looked at between two entries of its driver: order, nesting, rights of types,
// counters. Not at every entry (a tree has hundreds of capabilities): at every 32nd of a core, and when all is quiet (on a course, course.hpp, at each).
#pragma once

#include <vector>

#include "platforms/simulated/checker.hpp"
#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

class CapabilityRules final : public Checker {
  public:
    explicit CapabilityRules(Simulator& simulator)
        : simulator_(simulator), left_(simulator.world().shape().cores.size()) {}
    void boundary(Actor actor) override;
    void quiet() override;

  private:
    static constexpr uint32_t interval = 32;
    void check(uint32_t hardware);
    const char* problem(const cpudriver::DerivationTree& tree);

    Simulator& simulator_;
    std::vector<uint32_t> left_;  // by core: entries until the next look
};

}  // namespace skerry::simulated
