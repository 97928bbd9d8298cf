// Something for every page of physical memory, made on first use. Any number of threads.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

namespace skerry::law1 {

constexpr unsigned vcpus_maximum = 256;
constexpr uint64_t line_bytes = 64, page_bytes = 4096, lines_per_page = page_bytes / line_bytes;

// What the pointer leads to, made on first use; another thread may be as fast.
template <typename T>
T* made(std::atomic<T*>& place, size_t count = 1) {
    T* there = place.load(std::memory_order_acquire);
    if (there != nullptr) return there;
    T* fresh = new T[count]();
    if (place.compare_exchange_strong(there, fresh, std::memory_order_acq_rel)) return fresh;
    delete[] fresh;
    return there;
}

template <typename Page>
class Pages {
  public:
    // Null beyond the largest memory that is covered, 1 TiB. `page`: physical address / page_bytes.
    Page* find_or_make(uint64_t page) {
        uint64_t block = page / pages_per_block;
        if (block >= blocks) return nullptr;
        return made((*made(blocks_[block]))[page % pages_per_block]);
    }
    // visit(physical address, page), in order of address.
    template <typename Visit>
    void for_each(Visit&& visit) const {
        for (uint64_t b = 0; b < blocks; ++b) {
            const Block* block = blocks_[b].load(std::memory_order_acquire);
            if (block == nullptr) continue;
            for (uint64_t p = 0; p < pages_per_block; ++p) {
                const Page* page = (*block)[p].load(std::memory_order_acquire);
                if (page != nullptr) visit((b * pages_per_block + p) * page_bytes, *page);
            }
        }
    }

  private:
    static constexpr uint64_t pages_per_block = 1 << 18, blocks = 1 << 10;  // a block covers 1 GiB
    using Block = std::array<std::atomic<Page*>, pages_per_block>;
    std::array<std::atomic<Block*>, blocks> blocks_{};
};

}  // namespace skerry::law1
