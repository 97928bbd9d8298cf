// Starting another core of a hosted machine: the start frame names the image; STARTUP gives that core a thread.
#pragma once

#include <cstddef>
#include <cstdint>

#include "platforms/base/ids.hpp"
#include "platforms/base/result.hpp"

namespace skerry::platform {

constexpr uint64_t start_frame_size = 8 * 4096;
constexpr uint64_t start_image_address = 0xffff'ffff'8000'0000;  // as written in the driver's ELF file

// At the front of the start frame.
struct StartFrame {
    static constexpr uint64_t expected = 0x736b'6572'7279'5354;
    uint64_t magic;
    uint64_t image_base;  // physical; the boot record lies there
};

class CoreStarter {
  public:
    // As on every platform. Errors: out_of_range, misaligned.
    static base::Result<CoreStarter> prepare(std::byte* memory, base::PhysAddr physical);
    base::Status write(base::PhysAddr image_base, base::VirtAddr entry);
    uint32_t page() const { return static_cast<uint32_t>(physical_.value >> 12); }

    CoreStarter() = default;

  private:
    std::byte* memory_ = nullptr;
    base::PhysAddr physical_{0};
};

}  // namespace skerry::platform
