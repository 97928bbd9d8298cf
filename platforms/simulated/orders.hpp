// All orders of two cores' steps that matter, each once: dynamic partial-order reduction (Flanagan and Godefroid 2005, races
// of whole runs as in Abdulla and others 2014) with sleep sets (Godefroid 1996). Stateless: a run begins afresh, follows the
// choices on a stack, and leaves there where another choice must be tried.
//
//   begin_run()   who = choose(ready, later)   touched(step(), ...)   ...   end_run() -> false: all orders were had
//
// Two steps of different cores may change places unless both touched one object and one of them wrote it. What a step has
// touched may be known only later in the run. All of it lies in one piece of memory without pointers, so that it may be
// shared with another process, and no snapshot needs to know of it.
#pragma once

#include <array>
#include <cstdint>

namespace skerry::simulated {

class Orders {
  public:
    static constexpr uint32_t cores = 2, steps_maximum = 8192, touches_maximum = 96, nobody = ~uint32_t{0};

    struct Counts {
        uint64_t complete = 0;   // runs to their end, each another class of orders
        uint64_t redundant = 0;  // runs that were left: what would follow was had
        uint64_t states = 0;     // from which a step was taken, each counted once
        uint64_t races = 0;      // pairs of steps whose other order was asked for
        uint64_t longest = 0;    // steps of a run
    };

    // Forgets all; what lies in memory of zeros needs it not.
    void reset();
    void begin_run();
    // The next run takes turns by chance, and nothing is learnt from it.
    void wander(uint64_t seed) { chance_ = seed * 2 + 1; }
    // All of `ready` (bits of cores, not 0) stand before a step, of which those of `later` are better taken after the others'.
    // -> who takes its step; nobody: this run is one that was had, end it.
    uint32_t choose(uint32_t ready, uint32_t later);
    uint32_t step() const { return depth_ - 1; }  // the one that was chosen last
    // `side`: two steps that touch an object on the same side, which is not 0, may change places all the same.
    void touched(uint32_t step, uint64_t object, bool writes, uint64_t side = 0);
    // Nothing before this may change places with what follows: both cores have waited for the time.
    void barrier() { barrier_ = depth_; }
    bool end_run(bool complete);
    const Counts& counts() const { return counts_; }
    bool overflown() const { return overflown_; }  // a run had too many steps, or a step touched too much

  private:
    struct Touch {
        uint64_t object, side;
        bool writes;
        bool operator==(const Touch&) const = default;
    };
    struct Footprint {
        uint32_t count = 0;
        std::array<Touch, touches_maximum> touch;
        bool conflicts(const Touch& other) const;
    };
    // A state on the way to the end of the run, and what was chosen there. Sets of cores are bits.
    struct Place {
        uint32_t ready, chosen, backtrack, done, sleep, barrier;
        std::array<uint32_t, cores> slept_at;    // of those in `sleep`: the place whose footprint is theirs
        std::array<Footprint, cores> footprint;  // of each one's step from here, as it was last
    };
    static constexpr uint32_t bit(uint32_t core) { return uint32_t{1} << core; }
    uint32_t by_chance(uint32_t ready);
    void find_races();
    bool next_choice();

    uint32_t depth_ = 0, known_ = 0;  // steps of this run; places on the stack
    uint32_t asleep_ = 0;             // who was had from here already, and nothing has touched since what it will
    std::array<uint32_t, cores> slept_at_{};
    uint32_t barrier_ = 0, last_ = 0;
    uint64_t rarely_ = 1;
    uint64_t chance_ = 0;  // 0: no run by chance
    bool overflown_ = false;
    Counts counts_;
    std::array<Place, steps_maximum> place_;
};

}  // namespace skerry::simulated
