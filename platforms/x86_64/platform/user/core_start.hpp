// Starting another core of an x86-64 machine, at user level: the monitor prepares one start frame below 1 MiB, then
// its KernelControl capability sends INIT and STARTUP.
//
//   start frame (8 pages, physical base B, page number B >> 12)
//     page 0  code: real mode -> long mode -> the entry at the link address; its parameters at offset 0xf00
//     page 1  root table     page 2..3 tables that map page 0 at its own address
//     page 4..6  tables that map the first 2 MiB of the image at the link address
#pragma once

#include <cstddef>
#include <cstdint>

#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"

namespace skerry::platform {

constexpr uint64_t start_frame_size = 8 * 4096;
constexpr uint64_t start_image_address = 0xffff'ffff'8000'0000;  // link address of every CPU driver

class CoreStarter {
  public:
    // `frame`: the start frame, mapped read-write at `memory`; `physical` is its address, page aligned, below 1 MiB.
    // Writes what is the same for every core: code that has run is not written again. Errors: out_of_range, misaligned.
    static base::Result<CoreStarter> prepare(std::byte* memory, base::PhysAddr physical);

    // Writes parameters and the last table for one core: its image lies at image_base (page aligned, contiguous 2 MiB or less) and
    // starts at `entry` (link address). The frame may be used again when that core has joined. The caller then does
    //   KernelControl.init(core), waits 10 ms, KernelControl.startup(core, page()), waits 200 us, startup again
    // (Intel SDM volume 3, 8.4.4.1).
    base::Status write(base::PhysAddr image_base, base::VirtAddr entry);
    uint32_t page() const { return static_cast<uint32_t>(physical_.value >> 12); }

    CoreStarter() = default;

  private:
    uint64_t* table(uint32_t page) const;

    std::byte* memory_ = nullptr;
    base::PhysAddr physical_{0};
};

}  // namespace skerry::platform
