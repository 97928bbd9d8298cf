// What instrumented code calls at each access (GCC's names; compiler-rt/include/sanitizer/tsan_interface_atomic.h in
// LLVM documents them). Not instrumented itself.
#include <cstring>
#include <utility>

#include "platforms/simulated/access.hpp"

namespace skerry::simulated {

namespace {

AccessSink* sink = nullptr;

[[gnu::always_inline]] inline void plain(void* place, size_t bytes, AccessKind kind) {
    AccessSink* now = sink;
    if (now == nullptr || !now->sees(place) || bytes == 0) return;
    uint64_t offset = now->offset(place);
    if (now->tally().takes(offset, bytes, kind)) {
        return now->tally().count(offset, bytes, static_cast<uint64_t>(kind));
    }
    now->plain({offset, place, static_cast<uint32_t>(bytes), kind, false, std::memory_order_relaxed});
}

// Calls take(a pointer of the right width).
template <typename Take>
uint64_t with_width(const Access& access, Take take) {
    switch (access.bytes) {
        case 1:
            return take(static_cast<uint8_t*>(access.place));
        case 2:
            return take(static_cast<uint16_t*>(access.place));
        case 4:
            return take(static_cast<uint32_t*>(access.place));
        default:
            return take(static_cast<uint64_t*>(access.place));
    }
}

// GCC's numbers: relaxed 0, consume 1, acquire 2, release 3, acq_rel 4, seq_cst 5.
std::memory_order order_of(int order) {
    return static_cast<std::memory_order>(order & 7);
}
static_assert(static_cast<int>(std::memory_order_acquire) == __ATOMIC_ACQUIRE);
static_assert(static_cast<int>(std::memory_order_seq_cst) == __ATOMIC_SEQ_CST);

Access atomic_access(volatile void* place, uint32_t bytes, AccessKind kind, int order) {
    uint64_t offset = sink == nullptr ? 0 : sink->offset(place);
    return {offset, const_cast<void*>(place), bytes, kind, true, order_of(order)};
}
bool seen(const volatile void* place) {
    return sink != nullptr && sink->sees(place);
}

uint64_t atomic_load(const volatile void* place, uint32_t bytes, int order) {
    Access access = atomic_access(const_cast<volatile void*>(place), bytes, AccessKind::load, order);
    return seen(place) ? sink->load(access) : AccessSink::load_now(access);
}
void atomic_store(volatile void* place, uint32_t bytes, uint64_t value, int order) {
    Access access = atomic_access(place, bytes, AccessKind::store, order);
    seen(place) ? sink->store(access, value) : AccessSink::store_now(access, value);
}
uint64_t atomic_update(volatile void* place, uint32_t bytes, UpdateKind kind, uint64_t operand, int order) {
    Access access = atomic_access(place, bytes, AccessKind::update, order);
    return seen(place) ? sink->update(access, kind, operand) : AccessSink::update_now(access, kind, operand);
}
bool atomic_compare(volatile void* place, uint32_t bytes, uint64_t& expected, uint64_t desired, int order,
                    int failure) {
    Access access = atomic_access(place, bytes, AccessKind::update, order);
    if (!seen(place)) return AccessSink::compare_exchange_now(access, expected, desired);
    return sink->compare_exchange(access, expected, desired, order_of(failure));
}

}  // namespace

AccessSink* set_access_sink(AccessSink* next) {
    return std::exchange(sink, next);
}

void hint(const void* place, bool to_store) {
    if (seen(place)) sink->hint(place, to_store);
}

uint64_t AccessSink::load_now(const Access& access) {
    return with_width(access, [](auto* place) { return __atomic_load_n(place, __ATOMIC_SEQ_CST); });
}
void AccessSink::store_now(const Access& access, uint64_t value) {
    with_width(access, [&](auto* place) {
        __atomic_store_n(place, static_cast<decltype(*place + 0)>(value), __ATOMIC_SEQ_CST);
        return 0;
    });
}
uint64_t AccessSink::update_now(const Access& access, UpdateKind kind, uint64_t operand) {
    return with_width(access, [&](auto* place) -> uint64_t {
        auto word = static_cast<std::remove_reference_t<decltype(*place)>>(operand);
        switch (kind) {
            case UpdateKind::exchange:
                return __atomic_exchange_n(place, word, __ATOMIC_SEQ_CST);
            case UpdateKind::add:
                return __atomic_fetch_add(place, word, __ATOMIC_SEQ_CST);
            case UpdateKind::subtract:
                return __atomic_fetch_sub(place, word, __ATOMIC_SEQ_CST);
            case UpdateKind::bit_and:
                return __atomic_fetch_and(place, word, __ATOMIC_SEQ_CST);
            case UpdateKind::bit_or:
                return __atomic_fetch_or(place, word, __ATOMIC_SEQ_CST);
            case UpdateKind::bit_xor:
                return __atomic_fetch_xor(place, word, __ATOMIC_SEQ_CST);
            default:
                return __atomic_fetch_nand(place, word, __ATOMIC_SEQ_CST);
        }
    });
}
bool AccessSink::compare_exchange_now(const Access& access, uint64_t& expected, uint64_t desired) {
    return with_width(access, [&](auto* place) -> uint64_t {
               using Word = std::remove_reference_t<decltype(*place)>;
               auto old = static_cast<Word>(expected);
               bool done = __atomic_compare_exchange_n(place, &old, static_cast<Word>(desired), false, __ATOMIC_SEQ_CST,
                                                       __ATOMIC_SEQ_CST);
               expected = old;
               return done;
           }) != 0;
}

}  // namespace skerry::simulated

using skerry::simulated::AccessKind;
using skerry::simulated::UpdateKind;
namespace seam = skerry::simulated;

extern "C" {

// --- plain ---
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void** place, void*) {
    seam::plain(place, sizeof(void*), AccessKind::store);
}
void __tsan_vptr_read(void** place) {
    seam::plain(place, sizeof(void*), AccessKind::load);
}
void __tsan_read_range(void* place, unsigned long bytes) {
    seam::plain(place, bytes, AccessKind::load);
}
void __tsan_write_range(void* place, unsigned long bytes) {
    seam::plain(place, bytes, AccessKind::store);
}
void* skerry_seen_memcpy(void* to, const void* from, size_t bytes) {
    seam::plain(const_cast<void*>(from), bytes, AccessKind::load);
    seam::plain(to, bytes, AccessKind::store);
    return std::memmove(to, from, bytes);  // a copy onto itself is what compilers make of an assignment
}
void* skerry_seen_memmove(void* to, const void* from, size_t bytes) {
    return skerry_seen_memcpy(to, from, bytes);
}
void* skerry_seen_memset(void* to, int value, size_t bytes) {
    seam::plain(to, bytes, AccessKind::store);
    if (!seam::seen(to)) return std::memset(to, value, bytes);
    seam::sink->fill(to, value, bytes);
    return to;
}

#define SKERRY_PLAIN(bytes)                                \
    void __tsan_read##bytes(void* place) {                 \
        seam::plain(place, bytes, AccessKind::load);       \
    }                                                      \
    void __tsan_write##bytes(void* place) {                \
        seam::plain(place, bytes, AccessKind::store);      \
    }                                                      \
    void __tsan_unaligned_read##bytes(void* place) {       \
        seam::plain(place, bytes, AccessKind::load);       \
    }                                                      \
    void __tsan_unaligned_write##bytes(void* place) {      \
        seam::plain(place, bytes, AccessKind::store);      \
    }                                                      \
    void __tsan_volatile_read##bytes(void* place) {        \
        seam::plain(place, bytes, AccessKind::load);       \
    }                                                      \
    void __tsan_volatile_write##bytes(void* place) {       \
        seam::plain(place, bytes, AccessKind::store);      \
    }                                                      \
    void __tsan_unaligned_volatile_read##bytes(void* p) {  \
        seam::plain(p, bytes, AccessKind::load);           \
    }                                                      \
    void __tsan_unaligned_volatile_write##bytes(void* p) { \
        seam::plain(p, bytes, AccessKind::store);          \
    }
SKERRY_PLAIN(1)
SKERRY_PLAIN(2)
SKERRY_PLAIN(4)
SKERRY_PLAIN(8)
SKERRY_PLAIN(16)

// --- atomic ---
// Orders a program and its own upcalls, which the call itself does.
void __tsan_atomic_signal_fence(int) {}
#define SKERRY_UPDATE(bits, name, kind)                                                                        \
    uint##bits##_t __tsan_atomic##bits##_##name(volatile uint##bits##_t* place, uint##bits##_t v, int order) { \
        return static_cast<uint##bits##_t>(seam::atomic_update(place, bits / 8, UpdateKind::kind, v, order));  \
    }
#define SKERRY_ATOMIC(bits)                                                                                            \
    uint##bits##_t __tsan_atomic##bits##_load(const volatile uint##bits##_t* place, int order) {                       \
        return static_cast<uint##bits##_t>(seam::atomic_load(place, bits / 8, order));                                 \
    }                                                                                                                  \
    void __tsan_atomic##bits##_store(volatile uint##bits##_t* place, uint##bits##_t v, int order) {                    \
        seam::atomic_store(place, bits / 8, v, order);                                                                 \
    }                                                                                                                  \
    SKERRY_UPDATE(bits, exchange, exchange)                                                                            \
    SKERRY_UPDATE(bits, fetch_add, add)                                                                                \
    SKERRY_UPDATE(bits, fetch_sub, subtract)                                                                           \
    SKERRY_UPDATE(bits, fetch_and, bit_and)                                                                            \
    SKERRY_UPDATE(bits, fetch_or, bit_or)                                                                              \
    SKERRY_UPDATE(bits, fetch_xor, bit_xor)                                                                            \
    SKERRY_UPDATE(bits, fetch_nand, bit_nand)                                                                          \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile uint##bits##_t* place, uint##bits##_t* expected,        \
                                                      uint##bits##_t desired, int order, int failure) {                \
        uint64_t old = *expected;                                                                                      \
        bool done = seam::atomic_compare(place, bits / 8, old, desired, order, failure);                               \
        *expected = static_cast<uint##bits##_t>(old);                                                                  \
        return done;                                                                                                   \
    }                                                                                                                  \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile uint##bits##_t* place, uint##bits##_t* expected,          \
                                                    uint##bits##_t desired, int order, int failure) {                  \
        return __tsan_atomic##bits##_compare_exchange_strong(place, expected, desired, order, failure);                \
    }                                                                                                                  \
    uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(volatile uint##bits##_t* place, uint##bits##_t expected, \
                                                              uint##bits##_t desired, int order, int failure) {        \
        uint64_t old = expected;                                                                                       \
        seam::atomic_compare(place, bits / 8, old, desired, order, failure);                                           \
        return static_cast<uint##bits##_t>(old);                                                                       \
    }
SKERRY_ATOMIC(8)
SKERRY_ATOMIC(16)
SKERRY_ATOMIC(32)
SKERRY_ATOMIC(64)
}
