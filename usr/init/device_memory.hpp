// Physical memory that is not RAM, by address: makes a device region of the pages and maps them into one window that
// moves. What the firmware's tables need.
#pragma once

#include "platforms/firmware/acpi.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::init {

class DeviceMemory final : public firmware::PhysicalReader {
  public:
    explicit DeviceMemory(runtime::Program& self) : self_(&self) {}
    ~DeviceMemory() { close(); }
    DeviceMemory(const DeviceMemory&) = delete;
    DeviceMemory& operator=(const DeviceMemory&) = delete;

    // Valid until the next call. Errors: not_found (RAM, or outside every region), no_memory.
    base::Result<std::span<const std::byte>> read(base::PhysAddr address, uint64_t size) override;
    // A DeviceRegion of these pages, for a driver. Errors: not_found, those of retype.
    base::Result<runtime::Owned> region(uint64_t start, uint64_t end);
    void close();

  private:
    runtime::Program* self_;
    runtime::Owned region_;
    uint64_t mapped_ = 0, bytes_ = 0;  // user address and size of the window
    uint64_t physical_ = 0;
};

}  // namespace skerry::init
