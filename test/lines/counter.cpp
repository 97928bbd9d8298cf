// What instrumented code calls at each access (GCC's names; compiler-rt/include/sanitizer/tsan_interface_atomic.h in
// LLVM documents them). Not instrumented itself. The order of an access does not matter here: one thread runs.
#include "test/lines/counter.hpp"

#include <utility>

namespace {

struct Watch {
    uintptr_t begin = 0, end = 0;
    skerry::lines::Lines lines;
    bool busy = false;  // the map's own accesses are not watched, whatever inlining does
};
Watch& the_watch() {
    static Watch watch;
    return watch;
}

void touch(const volatile void* place, size_t bytes, bool store) {
    Watch& watch = the_watch();
    auto address = reinterpret_cast<uintptr_t>(place);
    if (watch.busy || address + bytes <= watch.begin || address >= watch.end) return;
    watch.busy = true;
    size_t first = (address - watch.begin) / skerry::lines::line_bytes;
    size_t last = (address + bytes - 1 - watch.begin) / skerry::lines::line_bytes;
    for (size_t line = first; line <= last; ++line) {
        auto& touches = watch.lines[line];
        ++(store ? touches.stores : touches.loads);
    }
    watch.busy = false;
}

}  // namespace

namespace skerry::lines {

void watch(const void* memory, size_t bytes) {
    the_watch().begin = reinterpret_cast<uintptr_t>(memory);
    the_watch().end = the_watch().begin + bytes;
    the_watch().lines.clear();
}
Lines take() {
    return std::exchange(the_watch().lines, {});
}

}  // namespace skerry::lines

extern "C" {
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void** place, void*) {
    touch(place, 8, true);
}
void __tsan_vptr_read(void** place) {
    touch(place, 8, false);
}
void __tsan_read_range(void* place, unsigned long bytes) {
    touch(place, bytes, false);
}
void __tsan_write_range(void* place, unsigned long bytes) {
    touch(place, bytes, true);
}

#define SKERRY_PLAIN(bytes)                           \
    void __tsan_read##bytes(void* place) {            \
        touch(place, bytes, false);                   \
    }                                                 \
    void __tsan_write##bytes(void* place) {           \
        touch(place, bytes, true);                    \
    }                                                 \
    void __tsan_unaligned_read##bytes(void* place) {  \
        touch(place, bytes, false);                   \
    }                                                 \
    void __tsan_unaligned_write##bytes(void* place) { \
        touch(place, bytes, true);                    \
    }                                                 \
    void __tsan_volatile_read##bytes(void* place) {   \
        touch(place, bytes, false);                   \
    }                                                 \
    void __tsan_volatile_write##bytes(void* place) {  \
        touch(place, bytes, true);                    \
    }
SKERRY_PLAIN(1)
SKERRY_PLAIN(2)
SKERRY_PLAIN(4)
SKERRY_PLAIN(8)
SKERRY_PLAIN(16)

// An exchange or addition loads and stores.
#define SKERRY_ATOMIC(bits, type)                                                 \
    type __tsan_atomic##bits##_load(const volatile type* place, int) {            \
        touch(place, bits / 8, false);                                            \
        return __atomic_load_n(place, __ATOMIC_SEQ_CST);                          \
    }                                                                             \
    void __tsan_atomic##bits##_store(volatile type* place, type value, int) {     \
        touch(place, bits / 8, true);                                             \
        __atomic_store_n(place, value, __ATOMIC_SEQ_CST);                         \
    }                                                                             \
    type __tsan_atomic##bits##_exchange(volatile type* place, type value, int) {  \
        touch(place, bits / 8, false);                                            \
        touch(place, bits / 8, true);                                             \
        return __atomic_exchange_n(place, value, __ATOMIC_SEQ_CST);               \
    }                                                                             \
    type __tsan_atomic##bits##_fetch_add(volatile type* place, type value, int) { \
        touch(place, bits / 8, false);                                            \
        touch(place, bits / 8, true);                                             \
        return __atomic_fetch_add(place, value, __ATOMIC_SEQ_CST);                \
    }
SKERRY_ATOMIC(8, uint8_t)
SKERRY_ATOMIC(32, uint32_t)
SKERRY_ATOMIC(64, uint64_t)
}
