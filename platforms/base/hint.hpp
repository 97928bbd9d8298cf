// Hints to the caches. Nothing depends on them: a processor may ignore them.
#pragma once

namespace skerry::base {

// GCC 12 takes a function that does nothing but prefetch for one without effect, and drops its calls: so these, and every
// function that does nothing else, must be in line always. `prefetchw` needs -mprfchw (platforms/meson.build). test/linked
// looks whether they are there.
// The line at `place` will be read, and the core need not wait for it now. Any address will do: none faults.
[[gnu::always_inline]] inline void will_read(const void* place) {
    __builtin_prefetch(place, 0);
}
// It will be stored to: other caches give it up.
[[gnu::always_inline]] inline void will_write(const void* place) {
    __builtin_prefetch(place, 1);
}

}  // namespace skerry::base
