// Hints to the caches. Nothing depends on them: a processor may ignore them.
#pragma once

namespace skerry::base {

// The line at `place` will be read, and the core need not wait for it now. Any address will do: none faults.
inline void will_read(const void* place) {
    __builtin_prefetch(place, 0);
}
// It will be stored to: other caches give it up.
inline void will_write(const void* place) {
    __builtin_prefetch(place, 1);
}

}  // namespace skerry::base
