// What looks at every step of a simulated run. A checker that finds something wrong calls Simulator::fail(), which prints
// why and how to see it again.
#pragma once

#include <cstdint>

#include "platforms/simulated/access.hpp"

namespace skerry::simulated {

// Who makes an access: which core, and whether its driver or a program.
struct Actor {
    uint32_t hardware;
    bool driver;
};

class Checker {
  public:
    // Before the access takes place. Those of drivers; those of programs only if `sees_programs`.
    virtual void access(Actor, const Access&) {}
    virtual bool sees_programs() const { return false; }
    // A core leaves its driver for a program, or enters it.
    virtual void boundary(Actor) {}
    // Nobody can go on until something comes from outside: what should have happened has happened.
    virtual void quiet() {}

  protected:
    ~Checker() = default;
};

}  // namespace skerry::simulated
