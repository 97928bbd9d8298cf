// Which capability slots of the own space are free: CNode 0 and further second-level CNodes, made as needed and given
// back when nothing lies in them. Bounded: 64 CNodes of 256 slots, one bit each.
#pragma once

#include <array>
#include <cstdint>

#include "capabilities/interface/reference.hpp"
#include "platforms/base/result.hpp"

namespace skerry::runtime {

using base::Error;
using base::Result;
using base::Status;
using capabilities::CapRef;

// Makes one more second-level CNode in an empty root slot, and takes back one that it has made there.
class CNodeMaker {
  public:
    virtual Status make_cnode(CapRef root_slot) = 0;
    // On error the CNode is still there.
    virtual Status drop_cnode(CapRef root_slot) = 0;

  protected:
    ~CNodeMaker() = default;
};

class SlotAllocator {
  public:
    // From this CNode, which exists, the slots [first_free, 256) are ours.
    void add_cnode(uint32_t root_index, uint32_t first_free);
    // Root slots [first, root_slots) are empty: new CNodes go there.
    void allow_growth(uint32_t first_root_index, CNodeMaker& maker);

    // An empty slot. `no_memory`: none is left and no CNode could be made.
    Result<CapRef> allocate() { return allocate_row(1); }
    // `count` (1..256) empty slots in a row within one CNode, for retype.
    Result<CapRef> allocate_row(uint32_t count);
    // The slots are empty again. Asserts that they were taken. May give their CNode back.
    void release(CapRef first, uint32_t count = 1);

    uint32_t free_slots() const { return free_; }

  private:
    using Bits = std::array<uint64_t, capabilities::second_level_slots / 64>;  // 1 = free
    static constexpr uint32_t reserve = 24;  // below this many free slots, grow: making a CNode takes some, too
    static constexpr uint32_t spare = 128;   // free slots beyond the reserve that stay when a CNode is given back

    static bool test(const Bits& bits, uint32_t i) { return (bits[i / 64] >> (i % 64) & 1) != 0; }
    Result<CapRef> find(uint32_t count);
    Status grow();
    void shrink(uint32_t root_index);

    std::array<Bits, capabilities::well_known::root_slots> bits_{};
    uint64_t present_ = 0;  // bit set of CNodes that exist
    uint32_t free_ = 0;
    uint32_t first_grown_ = capabilities::well_known::root_slots;  // from this root slot on, CNodes are the maker's
    CNodeMaker* maker_ = nullptr;
    bool changing_ = false;  // a CNode is being made or given back, which takes and frees slots itself
};
static_assert(capabilities::well_known::root_slots <= 64);

}  // namespace skerry::runtime
