// Self-paging: ranges of addresses whose memory is made when it is first touched, in at most 64 chunks a
// range. The records of the own address space, slots and RAM must not lie in such a range themselves: a fault
// inside their code would find them half changed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

#include "usr/runtime/address_space.hpp"

namespace skerry::runtime {

class LazyRegions {
  public:
    LazyRegions(AddressSpace& space, RamPool& pool) : space_(&space), pool_(&pool) {}

    // [base, base + bytes), multiples of a page, becomes readable and writable memory on demand. `full`: at
    // most 8.
    Status add(uint64_t base, uint64_t bytes);
    // Whether the fault is repaired.
    Status repair(uint64_t address, uint64_t access);

    // That are memory by now.
    uint64_t bytes() const;

    static constexpr uint64_t smallest_chunk = 64 * 1024;

  private:
    struct Region {
        uint64_t base = 0, bytes = 0, chunk = 0;
        uint64_t present = 0;  // bit set of chunks
        uint64_t bytes_of(uint64_t chunk_index) const { return std::min(chunk, bytes - chunk_index * chunk); }
    };
    AddressSpace* space_;
    RamPool* pool_;
    std::array<Region, 8> regions_{};
};

}  // namespace skerry::runtime
