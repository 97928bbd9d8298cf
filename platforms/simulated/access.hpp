// The seam between portable code and a simulated machine. Portable code is compiled with -fsanitize=thread and linked
// with instrumentation.cpp instead of the sanitizer's run time; so every load, store and atomic operation, with its
// memory order, comes to the current sink, which may count it, charge for it, change what it sees, or let another fiber
// run before it returns.
//
//   portable code  --__tsan_read8, __tsan_atomic64_store, memcpy ...-->  instrumentation.cpp  --> AccessSink
//
// What is not compiled so (a machine's own code, the C++ library's) is not seen, and may be called from a sink.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace skerry::simulated {

enum class AccessKind : uint8_t { load, store, update };
enum class UpdateKind : uint8_t { exchange, add, subtract, bit_and, bit_or, bit_xor, bit_nand };

struct Access {
    uint64_t offset;  // from the start of the sink's range
    void* place;
    uint32_t bytes;  // 1, 2, 4 or 8 of an atomic one; any number of a plain one, which may cross lines
    AccessKind kind;
    bool atomic;              // else a plain one, and `order` is relaxed
    std::memory_order order;  // of a compare-and-exchange: the one of success
};

// Sees accesses that begin in [base, base + bytes); all others take place unseen.
class AccessSink {
  public:
    AccessSink(const void* base, size_t bytes) : base_(reinterpret_cast<uintptr_t>(base)), bytes_(bytes) {}
    AccessSink(const AccessSink&) = delete;
    AccessSink& operator=(const AccessSink&) = delete;

    // A plain access that the code makes itself when this returns.
    virtual void plain(const Access& access) = 0;
    // Atomic ones are the sink's to make. As they are, they take place at once.
    virtual uint64_t load(const Access& access) { return load_now(access); }
    virtual void store(const Access& access, uint64_t value) { store_now(access, value); }
    virtual uint64_t update(const Access& access, UpdateKind kind, uint64_t operand) {  // -> what stood there before
        return update_now(access, kind, operand);
    }
    // True: exchanged. False: `expected` is what stands there. `failure`: the order if it fails.
    virtual bool compare_exchange(const Access& access, uint64_t& expected, uint64_t desired,
                                  std::memory_order /*failure*/) {
        return compare_exchange_now(access, expected, desired);
    }

    static uint64_t load_now(const Access& access);
    static void store_now(const Access& access, uint64_t value);
    static uint64_t update_now(const Access& access, UpdateKind kind, uint64_t operand);
    static bool compare_exchange_now(const Access& access, uint64_t& expected, uint64_t desired);

    bool sees(const volatile void* place) const { return reinterpret_cast<uintptr_t>(place) - base_ < bytes_; }
    uint64_t offset(const volatile void* place) const { return reinterpret_cast<uintptr_t>(place) - base_; }

  protected:
    ~AccessSink() = default;

  private:
    uintptr_t base_;
    size_t bytes_;
};

// Where accesses go from now on; null: nowhere, they just take place. -> the sink before. One host thread.
AccessSink* set_access_sink(AccessSink* sink);

}  // namespace skerry::simulated
