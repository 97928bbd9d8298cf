// All interleavings of two threads that matter: a step is one access to a line of shared memory, and two orders of steps
// are one when only neighbours that touch different lines, or both read, change places. Each class is run once: dynamic
// partial-order reduction (Flanagan and Godefroid 2005) with sleep sets (Godefroid 1996). Stateless: a run begins afresh,
// follows the choices on a stack, and leaves there where another choice must be tried.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace skerry::interleavings {

constexpr size_t line_bytes = 64;

struct Result {
    uint64_t complete = 0;   // classes: runs to their end
    uint64_t redundant = 0;  // runs that were left because all that could go on sleeps
    uint64_t longest = 0;    // steps of a run
    uint64_t stuck = 0;      // complete runs in which a thread waits for ever: a wake-up was lost
    uint64_t wrong = 0;      // complete runs after which judge() said no
};

// What a thread of the system may say beside touching memory. For use in its body only.
void wake(uint32_t thread);  // kept until it waits, as a poke is
void wait();                 // until woken since the last wait

struct System {
    std::span<std::byte> memory;    // shared; zeroed before each run
    std::function<void()> prepare;  // before each run, unseen
    std::function<void()> body[2];  // compiled with instrumentation
    std::function<bool()> judge;    // after a run that came to its end
};
// `runs_maximum`: gives up there, with `complete` zero.
Result explore(const System& system, uint64_t runs_maximum = 2'000'000);

}  // namespace skerry::interleavings
