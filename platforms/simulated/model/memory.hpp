// The memory of a simulated machine: one arena of the host, handed out in pages that have a home node. Lines are numbered
// from its start, so that nothing depends on where the host put it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skerry::simulated::model {

constexpr uint64_t page_bytes = 4096, line_bytes = 64;

class Memory {
  public:
    // Room for so many bytes, zeroed; what is not used costs the host nothing. Throws std::bad_alloc.
    explicit Memory(uint64_t most_bytes);
    ~Memory();
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    // Zeroed, from a page's start on. Throws std::bad_alloc.
    std::byte* take(uint32_t node, uint64_t bytes);
    bool holds(const void* place) const { return offset(place) < used_; }
    uint64_t offset(const void* place) const {
        return static_cast<uint64_t>(static_cast<const std::byte*>(place) - base_);
    }
    uint64_t used() const { return used_; }
    const std::vector<uint32_t>& homes() const { return homes_; }  // by page

  private:
    std::byte* base_ = nullptr;
    uint64_t most_ = 0, used_ = 0;
    std::vector<uint32_t> homes_;
};

}  // namespace skerry::simulated::model
