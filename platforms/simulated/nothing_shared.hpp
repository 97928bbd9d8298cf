// Law 1: a driver touches memory of its own core alone, at every single access. Two places are where drivers meet: the
// poke words (a core's own in low memory, written by all), and the flush lines, which a program shares on purpose and
// which lie in memory of the driver that reads them through its own alias.
#pragma once

#include "platforms/simulated/checker.hpp"
#include "platforms/simulated/simulator.hpp"

namespace skerry::simulated {

static_assert(hosted::World::unit == uint64_t{1} << Tally::owner_shift);  // the tally takes what is the driver's own

class NothingShared final : public Checker {
  public:
    explicit NothingShared(Simulator& simulator) : simulator_(simulator), world_(simulator.world()) {}

    void access(Actor actor, const Access& access) override {
        if (!actor.driver || world_.owned_by(access.offset, access.bytes, actor.hardware)) return;
        if (access.atomic && world_.is_poke_word(access.offset)) return;
        simulator_.fail("a driver touches memory that is not its core's, at " + std::to_string(access.offset));
    }

  private:
    Simulator& simulator_;
    hosted::World& world_;
};

}  // namespace skerry::simulated
