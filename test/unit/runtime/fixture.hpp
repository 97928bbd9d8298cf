// The runtime's tools over the model kernel.
#pragma once

#include "fake_kernel.hpp"
#include "usr/runtime/address_space.hpp"

namespace skerry::test {

// RAM from the front of all memory; what is released is revoked, and its slot freed. Counts what is out.
class TestRam final : public runtime::RamSource {
  public:
    explicit TestRam(runtime::SlotAllocator& slots) : slots_(slots) {}
    base::Result<runtime::RamBlock> allocate(uint64_t bytes, uint64_t alignment) override {
        if (limit == 0) return Error::no_memory;
        uint64_t at = base::round_up(next_, alignment == 0 ? 4096 : alignment);
        auto slot = SKERRY_TRY(slots_.allocate());
        auto made = runtime::CNodeCap{}.retype(slot, FakeKernel::ram, Type::ram, 0, at, bytes);
        if (!made.ok()) {
            slots_.release(slot);
            return made.error();
        }
        next_ = at + bytes;
        --limit;
        ++out;
        return runtime::RamBlock{slot, FakeKernel::ram_base + at, bytes};
    }
    void release(const runtime::RamBlock& block) override {
        if (!runtime::CNodeCap{}.revoke(block.cap).ok()) return;
        runtime::Owned(block.cap, slots_).reset();
        --out;
    }
    int out = 0;
    uint32_t limit = 1000;

  private:
    runtime::SlotAllocator& slots_;
    uint64_t next_ = 0;
};

struct Fixture {
    // Nobody's on Linux, and no sanitizer's.
    static constexpr uint64_t free_base = 0x7e90'0000'0000, free_end = free_base + (uint64_t{1} << 30);
    FakeKernel kernel;
    runtime::SlotAllocator slots;
    TestRam ram{slots};
    runtime::RamPool pool{ram, slots};
    std::array<runtime::AddressSpace::Table, 16> tables{};
    std::array<runtime::AddressSpace::Piece, 24> pieces{};
    runtime::AddressSpace space{
        capabilities::well_known::vspace_root, pool, slots, tables, pieces, free_base, free_end};
    Fixture() {
        slots.add_cnode(0, 32);
        slots.allow_growth(1, pool);
    }
};

}  // namespace skerry::test
