#include "usr/init/device_memory.hpp"

namespace skerry::init {

using namespace capabilities;
using base::Error;

base::Result<std::span<const std::byte>> DeviceMemory::read(base::PhysAddr address, uint64_t size) {
    std::byte* window = SKERRY_TRY(open(address, size, false));
    return std::span<const std::byte>(window, size);
}

base::Result<std::byte*> DeviceMemory::open(base::PhysAddr address, uint64_t size, bool write) {
    if (size == 0 || size > 16 * 1024 * 1024 || address.value + size < address.value) return Error::out_of_range;
    uint64_t start = base::round_down(address.value, base::page_size);
    uint64_t end = base::round_up(address.value + size, base::page_size);
    if (mapped_ != 0 && writable_ == write && start >= physical_ && end <= physical_ + bytes_) {
        return reinterpret_cast<std::byte*>(mapped_ + (address.value - physical_));
    }
    close();
    const BootInfo& info = *self_->boot;
    for (uint32_t i = 0; i < info.region_count; i++) {
        const BootRegion& region = info.region[i];
        if (region.kind != static_cast<uint32_t>(RegionKind::device)) continue;
        if (start < region.base || end > region.base + region.size) continue;
        region_ = SKERRY_TRY(runtime::Owned::empty(self_->slots));
        CapRef source{well_known::device_cnode, region.slot};
        base::Status made =
            runtime::CNodeCap{}.retype(region_.ref(), source, Type::device_memory, 0, start - region.base, end - start);
        if (!made.ok()) {
            close();
            return made.error();
        }
        uint64_t flags = map_flags::read | map_flags::device | (write ? map_flags::write : 0);
        auto at = self_->space().map_anywhere(region_.ref(), 0, end - start, flags);
        if (!at.ok()) {
            close();
            return at.error();
        }
        mapped_ = *at, bytes_ = end - start, physical_ = start, writable_ = write;
        return reinterpret_cast<std::byte*>(mapped_ + (address.value - physical_));
    }
    return Error::not_found;
}

void DeviceMemory::close() {
    if (mapped_ != 0) (void)self_->space().unmap(mapped_, bytes_).ok();
    mapped_ = 0;
    region_ = {};
}

}  // namespace skerry::init
