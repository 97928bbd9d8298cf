// Loads that see less than the newest store, as far as the orders that the code states allow it (C++20, [intro.races] and
// [atomics.order]). Per atomic word the last stores are kept; a load may look back to the newest store that
//   - this core has seen, or a newer one (coherence),
//   - happens before the load: each core has a vector clock; a release store carries its core's, an acquire load joins it,
//   - was seq_cst, or came before a seq_cst one of its core, if the load is seq_cst. The second half is more than C++ gives,
//     and what every ISA does: a seq_cst store is out, with all before it, when a later load of its core is made; or
//   - is old: no machine keeps a store back for ever.
// So a store that is relaxed where it should be a release lets its reader see payload that is not there yet, and a load
// that is relaxed where it should be an acquire the same. Updates read the newest store. There are no fences in the code.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "platforms/simulated/access.hpp"
#include "platforms/simulated/decisions.hpp"

namespace skerry::simulated {

class WeakMemory {
  public:
    WeakMemory(uint64_t bytes, uint32_t cores);

    uint64_t load(uint32_t core, const Access& access, Decisions& decisions, uint64_t step);
    void store(uint32_t core, const Access& access, uint64_t value, uint64_t step);
    uint64_t update(uint32_t core, const Access& access, UpdateKind kind, uint64_t operand, uint64_t step);
    bool compare_exchange(uint32_t core, const Access& access, uint64_t& expected, uint64_t desired,
                          std::memory_order failure, uint64_t step);
    // An interrupt brings along what its sender had done: clock() when it is sent, join() when it comes. What sends one
    // waits for its stores to drain (Intel SDM 3A 10.12.3, a fence before a write of the x2APIC; DSB before an SGI on Arm).
    using Clock = std::vector<uint32_t>;  // by core
    Clock clock(uint32_t core);
    void join(uint32_t core, const Clock& other);
    // Plain stores: what was kept of these bytes is nothing any more.
    void forget(uint64_t offset, uint64_t bytes);
    // By page of 4 KiB: 0 = nothing is kept of it, so that nobody needs to call forget().
    const uint8_t* watched() const { return watched_; }

  private:
    static constexpr uint32_t kept = 8;           // stores of a word
    static constexpr uint64_t old_after = 2'000;  // visible steps
    static constexpr uint64_t page_bytes = uint64_t{1} << Tally::page_shift;

    struct Stored {
        uint64_t value = 0, step = 0;
        uint32_t writer = 0, epoch = 0;  // epoch 0: everybody knows it
        Clock release;                   // empty: none
    };
    struct Word {
        std::array<Stored, kept> stores;  // number n at n % kept
        uint64_t count = 0;               // of stores so far
        std::vector<uint64_t> seen;       // by core: the least number that it may see
    };
    struct Page {
        std::array<std::unique_ptr<Word>, page_bytes / 8> words;
    };

    Word& word_of(const Access& access);
    void push(Word& word, uint32_t core, const Access& access, uint64_t value, uint64_t step, bool updates);
    static bool acquires(std::memory_order order);
    static bool releases(std::memory_order order);

    // Zeros from the pool, which takes them back with its snapshot: most of it is never touched.
    uint8_t* watched_;
    Page** by_place_;
    std::vector<std::unique_ptr<Page>> pages_;
    std::vector<Clock> clocks_;
    Clock ordered_;  // what the last seq_cst stores carried, joined
    uint32_t cores_;
};

}  // namespace skerry::simulated
