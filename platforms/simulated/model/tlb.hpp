// A core's translations: those of pages, and of the page-table entries above them, so that a miss walks only as far down
// as it must.
#pragma once

#include <cstdint>
#include <vector>

namespace skerry::simulated::model {

class Tlb {
  public:
    static constexpr uint32_t levels = 4;  // of page tables; level 0 are the pages
    static constexpr uint32_t bits_a_level = 9;

    // `entries`: translations of pages kept; `upper`: entries of each level above.
    Tlb(uint32_t entries, uint32_t upper) : sets_(levels) {
        for (uint32_t level = 0; level < levels; ++level) sets_[level].room = level == 0 ? entries : upper;
    }

    // -> steps that the walk for `page` takes: 0 if its translation is there, at most `levels`.
    uint32_t use(uint64_t page) {
        if (page == last_) return 0;
        last_ = page;
        uint32_t steps = 0;
        while (steps < levels && !sets_[steps].use(page >> (bits_a_level * steps))) ++steps;
        for (uint32_t level = 0; level < steps; ++level) sets_[level].add(page >> (bits_a_level * level));
        return steps;
    }
    // Drops a page's translation, and the upper entries on the way to it: they may lead to a table that was freed.
    void invalidate(uint64_t page) {
        last_ = UINT64_MAX;
        for (uint32_t level = 0; level < levels; ++level) sets_[level].drop(page >> (bits_a_level * level));
    }
    void clear() {
        last_ = UINT64_MAX;
        for (Set& set : sets_) set.items.clear();
    }

  private:
    // The most recently used first.
    struct Set {
        uint32_t room = 0;
        std::vector<uint64_t> items;
        bool use(uint64_t item) {
            for (size_t i = 0; i < items.size(); ++i) {
                if (items[i] != item) continue;
                for (; i > 0; --i) items[i] = items[i - 1];
                items[0] = item;
                return true;
            }
            return false;
        }
        void add(uint64_t item) {
            if (room == 0) return;
            if (items.size() == room) items.pop_back();
            items.insert(items.begin(), item);
        }
        void drop(uint64_t item) { std::erase(items, item); }
    };
    std::vector<Set> sets_;
    uint64_t last_ = UINT64_MAX;
};

}  // namespace skerry::simulated::model
