#include "platforms/hosted/fiber_notes.hpp"

#if SKERRY_FIBER_NOTES

#include <map>

#include "platforms/base/assert.hpp"

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

namespace skerry::hosted::notes {

namespace {

struct Thread {
    Side running;
    Side left;                           // who made the last jump
    std::map<uint64_t, Side> suspended;  // by context, which is an address on its stack
};

// Not inlined, and nothing instrumented: the fiber changes between a call and its return's neighbours.
[[gnu::noinline]] Thread& here() {
    asm volatile("");
    static thread_local Thread thread;
    return thread;
}

void forget(Side& side) {
#if defined(__SANITIZE_THREAD__)
    if (side.fiber != nullptr) __tsan_destroy_fiber(side.fiber);
#endif
    side = {};
}

}  // namespace

Side current() {
    Side& running = here().running;
#if defined(__SANITIZE_THREAD__)
    if (running.fiber == nullptr) running.fiber = __tsan_get_current_fiber();
#endif
    return running;
}

Side begin(void* top, size_t bytes) {
    auto& suspended = here().suspended;
    auto high = reinterpret_cast<uint64_t>(top);
    auto first = suspended.lower_bound(high - bytes), last = suspended.lower_bound(high);
    for (auto each = first; each != last; ++each) forget(each->second);
    suspended.erase(first, last);
    Side side{nullptr, static_cast<std::byte*>(top) - bytes, bytes};
#if defined(__SANITIZE_THREAD__)
    side.fiber = __tsan_create_fiber(0);
#endif
#if defined(__SANITIZE_ADDRESS__)
    __asan_unpoison_memory_region(side.bottom, bytes);  // frames that were never left
#endif
    return side;
}

Side take(uint64_t context) {
    auto& suspended = here().suspended;
    auto found = suspended.find(context);
    SKERRY_ASSERT(found != suspended.end());
    Side side = found->second;
    suspended.erase(found);
    return side;
}

void leave(const Side& self, const Side& to) {
    here().left = self;
#if defined(__SANITIZE_ADDRESS__)
    __sanitizer_start_switch_fiber(nullptr, to.bottom, to.bytes);
#else
    (void)to;
#endif
}

void arrive(const Side& self, uint64_t from) {
    Thread& thread = here();
#if defined(__SANITIZE_ADDRESS__)
    const void* bottom = nullptr;
    size_t bytes = 0;
    __sanitizer_finish_switch_fiber(nullptr, &bottom, &bytes);
    if (thread.left.bottom == nullptr) {  // the thread's own stack: nobody else could say
        thread.left.bottom = bottom;
        thread.left.bytes = bytes;
    }
#endif
    thread.suspended[from] = thread.left;
    thread.running = self;
}

}  // namespace skerry::hosted::notes

#endif
