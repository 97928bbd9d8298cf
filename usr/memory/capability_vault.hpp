// The vault by system calls. Its own objects (slots, page tables, book-keeping) are made of memory at the end
// of the first region, which must therefore be at least 8 MiB; the service depends on nobody else for memory.
#pragma once

#include <array>
#include <optional>

#include "usr/memory/vault.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::usr::memory {

// The RAM set aside for the service itself, handed out from the front and never taken back.
class PrivateRam final : public runtime::RamSource {
  public:
    explicit PrivateRam(runtime::SlotAllocator& slots) : slots_(slots) {}
    void start(runtime::CapRef region, uint64_t region_base, uint64_t offset, uint64_t bytes);
    bool started() const { return !region_.null(); }
    runtime::Result<runtime::RamBlock> allocate(uint64_t bytes, uint64_t alignment) override;
    void release(const runtime::RamBlock&) override {}

  private:
    runtime::SlotAllocator& slots_;
    runtime::CapRef region_;
    uint64_t region_base_ = 0;
    uint64_t next_ = 0;  // offsets in the region
    uint64_t end_ = 0;
};

class CapabilityVault final : public Vault {
  public:
    static constexpr uint32_t records_maximum = 2048;
    static constexpr uint32_t accounts_maximum = 128;
    static constexpr uint32_t regions_maximum = 32;

    explicit CapabilityVault(runtime::Program& self);

    // The capability of the message that is being handled; null if none came.
    void receive(runtime::CapRef capability) { received_ = capability; }

    base::Result<Range> take_region(uint32_t region) override;
    void drop_region(uint32_t region) override;
    base::Status take_endpoint(uint32_t account) override;
    void drop_endpoint(uint32_t account) override;
    void drop_received() override;
    uint64_t own_bytes(uint32_t region) override;
    base::Result<std::span<uint64_t>> set_aside(uint32_t region, uint64_t offset, uint64_t words) override;
    base::Status carve(uint32_t region, uint64_t offset, uint64_t bytes, uint32_t record) override;
    base::Status destroy(uint32_t record) override;
    base::Error send(uint32_t account, const urpc::memory::Words& words, uint32_t record, bool trusted) override;

  private:
    struct Region {
        runtime::CapRef cap;
        Range range;
    };
    struct Carved {
        runtime::CapRef cap;
        uint32_t region = 0;
        uint64_t offset = 0;
        uint64_t bytes = 0;
    };
    base::Result<capabilities::Capability> received(capabilities::Type type);
    base::Status retype(const Carved& block);
    void forget(runtime::CapRef& cap);

    runtime::Program& self_;
    PrivateRam ram_;
    runtime::CNodeCap space_;
    runtime::CapRef received_;
    std::array<Region, regions_maximum> regions_{};
    std::array<runtime::CapRef, accounts_maximum> endpoints_{};
    std::array<Carved, records_maximum> carved_{};
};

}  // namespace skerry::usr::memory
