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
    // Before the access takes place: those of a driver to memory that is not its core's, of many bytes, or atomic. A driver's
    // plain accesses of words of its own only if `sees_own`; those of programs only if `sees_programs`.
    virtual void access(Actor, const Access&) {}
    virtual bool sees_own() const { return false; }
    virtual bool sees_programs() const { return false; }
    // Values of atomic stores and loads, and of plain stores of a line or more, as they take place.
    virtual void stored(Actor, const Access&, uint64_t /*value*/) {}
    virtual void loaded(Actor, const Access&, uint64_t /*value*/) {}
    virtual void overwritten(uint64_t /*offset*/, uint64_t /*bytes*/) {}
    // A core leaves its driver for a program, or enters it.
    virtual void boundary(Actor) {}
    // Nobody can go on until something comes from outside: what should have happened has happened.
    virtual void quiet() {}

  protected:
    ~Checker() = default;
};

}  // namespace skerry::simulated
