// Builds the first program of a core (init where the machine booted, the monitor elsewhere) and gives it every
// capability that there is: all RAM that this core owns, devices, the kernel's own. Only here are capabilities made
// from nothing; from then on each one is derived from another.
#pragma once

#include "capabilities/interface/boot_info.hpp"
#include "cpudriver/core.hpp"
#include "platforms/image/elf.hpp"

namespace skerry::cpudriver {

class FirstProgram {
  public:
    FirstProgram(Core& core, const capabilities::BootRecord& record) : core_(core), record_(record) {}

    // Reads from top to bottom. `reason` is set on error.
    base::Status build(const char*& reason);

  private:
    using Status = base::Status;

    Status reserve_memory(const image::Elf& program);
    Status make_capability_space();
    Status make_address_space();
    Status load(const image::Elf& program);
    Status make_dispatcher(const image::Elf& program);
    Status give_kernel_capabilities();
    Status give_regions();
    Status describe();

    // Zeroed memory from the front of the largest RAM range; it was checked that there is enough.
    base::PhysAddr take(uint64_t bytes, uint64_t alignment = base::page_size);
    Slot& slot(capabilities::CapRef ref);
    Status give(capabilities::CapRef ref, const capabilities::Capability& capability);
    Status give_frame(capabilities::CapRef ref, uint64_t base, uint64_t size, capabilities::Rights rights,
                      uint8_t flags);
    void map(uint64_t address, base::PhysAddr frame, uint64_t flags);

    Core& core_;
    const capabilities::BootRecord& record_;
    uint32_t bank_ = 0;  // the RAM range that everything is taken from
    uint64_t used_ = 0;  // bytes of it, from its base
    base::PhysAddr root_cnode_{0}, vspace_root_{0}, info_{0}, page_{0}, dispatcher_{0};
    capabilities::BootInfo* boot_info_ = nullptr;
};

}  // namespace skerry::cpudriver
