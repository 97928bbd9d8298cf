// Where RAM comes from: the boot regions (first program), the memory service, a test.
#pragma once

#include <cstdint>

#include "capabilities/interface/boot_info.hpp"
#include "usr/runtime/owned.hpp"

namespace skerry::runtime {

struct RamBlock {
    CapRef cap;         // a RAM capability in the own space; its holder gives it back with release()
    uint64_t base = 0;  // physical
    uint64_t bytes = 0;
};

class RamSource {
  public:
    // At least `bytes`, aligned (a power of two; 0 = page). May wait. Errors: no_memory, refused, timed_out.
    virtual Result<RamBlock> allocate(uint64_t bytes, uint64_t alignment) = 0;
    // Takes back everything that was made of it: every copy and descendant is revoked.
    virtual void release(const RamBlock& block) = 0;

  protected:
    ~RamSource() = default;
};

// The RAM regions that a core's first program finds at its start. Carves from the front of the first region
// that fits; what is left goes to the memory service by take_rest.
class BootRam final : public RamSource {
  public:
    BootRam(const capabilities::BootInfo& info, SlotAllocator& slots) : info_(&info), slots_(&slots) {}

    Result<RamBlock> allocate(uint64_t bytes, uint64_t alignment) override;
    void release(const RamBlock& block) override;

    uint32_t regions() const { return info_->region_count; }
    // The unused end of region `i` as one block; the region is exhausted then. `not_found`: nothing is left,
    // or the region is not RAM.
    Result<RamBlock> take_rest(uint32_t i);

  private:
    Result<RamBlock> carve(uint32_t i, uint64_t offset, uint64_t bytes);
    const capabilities::BootInfo* info_;
    SlotAllocator* slots_;
    std::array<uint64_t, capabilities::boot_regions_maximum> used_{};  // bytes from the front of each region
    std::array<RamBlock, 16> returned_{};                              // given back, ready to be used again
};

}  // namespace skerry::runtime
