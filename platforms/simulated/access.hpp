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
#include <cstring>

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

// Nearly all accesses are plain ones of a word that nobody has to look at. The seam counts those here and calls nobody: a
// few instructions instead of a virtual call. A sink that leaves `on` false is called for each.
struct Tally {
    static constexpr uint64_t owner_shift = 16, page_shift = 12, word_bytes = 16;  // that many bytes at most

    bool on = false;
    uint64_t accesses = 0, hash = 0;                // of those that came to the sink, too
    uint64_t who = 0;                               // mixed into the hash
    const std::atomic<uint32_t>* owners = nullptr;  // by offset >> owner_shift: what is not `owner`'s goes to the sink
    uint32_t owner = 0;
    const uint8_t* watched = nullptr;  // by offset >> page_shift: stores to pages that are not 0 go to the sink

    void count(uint64_t offset, uint64_t bytes, uint64_t how) {
        ++accesses;
        uint64_t mixed = (hash ^ offset << 20 ^ bytes << 8 ^ who ^ how) * 0x9e37'79b9'7f4a'7c15;
        hash = mixed ^ mixed >> 29;
    }
    bool takes(uint64_t offset, uint64_t bytes, AccessKind kind) const {
        if (!on || bytes > word_bytes) return false;
        if (owners != nullptr) {
            if ((offset + bytes - 1) >> owner_shift != offset >> owner_shift) return false;
            if (owners[offset >> owner_shift].load(std::memory_order_relaxed) != owner) return false;
        }
        if (kind == AccessKind::load || watched == nullptr) return true;
        return watched[offset >> page_shift] == 0 && watched[(offset + bytes - 1) >> page_shift] == 0;
    }
};

// Sees accesses that begin in [base, base + bytes); all others take place unseen.
class AccessSink {
  public:
    AccessSink(const void* base, size_t bytes) : base_(reinterpret_cast<uintptr_t>(base)), bytes_(bytes) {}
    AccessSink(const AccessSink&) = delete;
    AccessSink& operator=(const AccessSink&) = delete;

    // A plain access that the code makes itself when this returns, if the tally does not take it.
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

    // The program will read the line there, or store to it.
    virtual void hint(const void* /*place*/, bool /*to_store*/) {}

    // Makes a plain store of one value to many bytes, which plain() has seen.
    virtual void fill(void* to, int value, size_t bytes) { std::memset(to, value, bytes); }

    static uint64_t load_now(const Access& access);
    static void store_now(const Access& access, uint64_t value);
    static uint64_t update_now(const Access& access, UpdateKind kind, uint64_t operand);
    static bool compare_exchange_now(const Access& access, uint64_t& expected, uint64_t desired);

    bool sees(const volatile void* place) const { return reinterpret_cast<uintptr_t>(place) - base_ < bytes_; }
    uint64_t offset(const volatile void* place) const { return reinterpret_cast<uintptr_t>(place) - base_; }

    Tally& tally() { return tally_; }
    const Tally& tally() const { return tally_; }

  protected:
    ~AccessSink() = default;

  private:
    Tally tally_;
    uintptr_t base_;
    size_t bytes_;
};

// Where accesses go from now on; null: nowhere, they just take place. -> the sink before. One host thread.
AccessSink* set_access_sink(AccessSink* sink);
// From code that is compiled with hints.hpp included first.
void hint(const void* place, bool to_store);

}  // namespace skerry::simulated
