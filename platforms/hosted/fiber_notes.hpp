// What the sanitizers are told when a context is left for another: without it they would take the other's stack and the
// other's order of events for this one's. Known to fiber.cpp alone; nothing at all in a build without them.
#pragma once

#include <cstddef>
#include <cstdint>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define SKERRY_FIBER_NOTES 1
#else
#define SKERRY_FIBER_NOTES 0
#endif

namespace skerry::hosted::notes {

// A context as the sanitizers know it: the fiber of the one, the stack of the other.
struct Side {
    void* fiber = nullptr;
    const void* bottom = nullptr;
    size_t bytes = 0;
};

#if SKERRY_FIBER_NOTES
// The caller's side. Contexts stay on their thread.
Side current();
// One that begins on the stack below `top`; all that was suspended there is forgotten.
Side begin(void* top, size_t bytes);
// The side that was suspended as `context`; it is about to be resumed.
Side take(uint64_t context);
// Notes that we go, before the jump; the fiber is switched by the caller, in whose frame it must happen.
void leave(const Side& self, const Side& to);
// The first thing after the jump: `self` runs, and who left is suspended as `from`.
void arrive(const Side& self, uint64_t from);
#endif

}  // namespace skerry::hosted::notes
