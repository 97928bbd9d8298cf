#include "usr/init/device_memory.hpp"

namespace skerry::init {

using namespace capabilities;
using base::Error;

base::Result<std::span<const std::byte>> DeviceMemory::read(base::PhysAddr address, uint64_t size) {
    if (size == 0 || size > 16 * 1024 * 1024 || address.value + size < address.value) return Error::out_of_range;
    uint64_t start = base::round_down(address.value, base::page_size);
    uint64_t end = base::round_up(address.value + size, base::page_size);
    if (mapped_ == 0 || start < physical_ || end > physical_ + bytes_) {
        close();
        region_ = SKERRY_TRY(region(start, end));
        auto at = self_->space().map_anywhere(region_.ref(), 0, end - start, map_flags::read | map_flags::device);
        if (!at.ok()) {
            close();
            return at.error();
        }
        mapped_ = *at, bytes_ = end - start, physical_ = start;
    }
    auto* window = platform::at<const std::byte>(mapped_) + (address.value - physical_);
    return std::span<const std::byte>(window, size);
}

base::Result<runtime::Owned> DeviceMemory::region(uint64_t start, uint64_t end) {
    const BootInfo& info = *self_->boot;
    for (uint32_t i = 0; i < info.region_count; i++) {
        const BootRegion& from = info.region[i];
        if (from.kind != static_cast<uint32_t>(RegionKind::device)) continue;
        if (start < from.base || end > from.base + from.size) continue;
        runtime::Owned made = SKERRY_TRY(runtime::Owned::empty(self_->slots));
        CapRef source{well_known::device_cnode, from.slot};
        SKERRY_CHECK(
            runtime::CNodeCap{}.retype(made.ref(), source, Type::device_memory, 0, start - from.base, end - start));
        return made;
    }
    return Error::not_found;
}

void DeviceMemory::close() {
    if (mapped_ != 0) (void)self_->space().unmap(mapped_, bytes_).ok();
    mapped_ = 0;
    region_ = {};
}

}  // namespace skerry::init
