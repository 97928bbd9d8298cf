// A machine in one thread. Each access of portable code comes here (access.hpp): time moves, checkers look, and another
// core may go on before the access takes place.
//
//   fixed schedule    each core has a clock of its own; the one that is furthest behind goes on (conservative
//                     discrete events, Chandy and Misra 1979, at the grain of a quantum)
//   random schedule   one clock; at each visible step the seed says who goes on
//
// A visible step is one that another core can notice: an atomic access, a poke, the border between program and driver,
// a turn of a poll loop.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platforms/hosted/world.hpp"
#include "platforms/simulated/access.hpp"
#include "platforms/simulated/checker.hpp"
#include "platforms/simulated/fibers.hpp"
#include "platforms/simulated/settings.hpp"

namespace skerry::simulated {

struct Counts {
    uint64_t accesses = 0, visible = 0, driver_visible = 0, switches = 0, pokes = 0, sleeps = 0;
};

class Simulator final : public AccessSink {
  public:
    Simulator(hosted::World& world, Settings settings);

    // Runs the machine until World::end().
    [[noreturn]] void run();

    // --- the machine's side: what cores ask ---
    void start_core(uint32_t hardware, uint64_t image);
    [[noreturn]] void core_ended();
    uint64_t image() { return fibers_.here().image; }  // that the running core starts with
    void sleep(uint64_t deadline);  // of the running core, until it is woken or the deadline is there
    void interrupt(uint32_t hardware, uint32_t bits);
    void boundary();
    void polled();
    uint64_t now() const { return settings_.random ? clock_ : clock_of_current(); }
    bool runs(uint32_t hardware) { return fibers_[hardware].state != FiberState::absent; }
    hosted::CoreThread* current() { return fibers_.current() == Fibers::none ? nullptr : fibers_.here().core; }
    void printed(uint8_t byte);
    [[noreturn]] void ended(int status);

    // --- AccessSink ---
    void plain(const Access& access) override;
    uint64_t load(const Access& access) override;
    void store(const Access& access, uint64_t value) override;
    uint64_t update(const Access& access, UpdateKind kind, uint64_t operand) override;
    bool compare_exchange(const Access& access, uint64_t& expected, uint64_t desired,
                          std::memory_order failure) override;

    // --- for checkers ---
    void add(Checker& checker) { checkers_.push_back(&checker); }
    [[noreturn]] void fail(const std::string& why);
    hosted::World& world() { return world_; }
    const Counts& counts() const { return counts_; }
    uint64_t hash() const { return hash_; }

  private:
    uint64_t clock_of_current() const;
    void account(const Access& access);
    void visible_step();
    void reschedule();
    void wait_for_input();
    uint64_t due(const Fiber& fiber) const;
    void report();

    hosted::World& world_;
    Settings settings_;
    Fibers fibers_;
    std::vector<Checker*> checkers_;
    Counts counts_;
    uint64_t hash_ = 0;
    uint64_t clock_ = 0;      // of a random schedule
    uint64_t horizon_ = 0;    // of a fixed one: until when the running core may go on
    uint64_t next_look_ = 0;  // when somebody's typing is looked for although cores are busy
    std::string output_;
    size_t typed_ = 0;
};

Simulator& simulator();

}  // namespace skerry::simulated
