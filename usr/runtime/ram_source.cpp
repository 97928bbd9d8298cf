#include "usr/runtime/ram_source.hpp"

namespace skerry::runtime {

using base::page_size;
using base::round_up;
using capabilities::BootRegion;
using capabilities::RegionKind;

namespace {
bool is_ram(const BootRegion& region) {
    return region.kind == static_cast<uint32_t>(RegionKind::ram);
}
}  // namespace

Result<RamBlock> BootRam::carve(uint32_t i, uint64_t offset, uint64_t bytes) {
    const BootRegion& region = info_->region[i];
    SKERRY_ASSERT(offset + bytes <= region.size);
    auto slot = SKERRY_TRY(slots_->allocate());
    CapRef source{capabilities::well_known::ram_cnode, region.slot};
    // The whole as its own type is a copy.
    Status made = bytes == region.size ? CNodeCap{}.copy(slot, source)
                                       : CNodeCap{}.retype(slot, source, Type::ram, 0, offset, bytes);
    if (!made.ok()) {
        slots_->release(slot);
        return made.error();
    }
    used_[i] = offset + bytes;
    return RamBlock{slot, region.base + offset, bytes};
}

Result<RamBlock> BootRam::allocate(uint64_t bytes, uint64_t alignment) {
    if (alignment < page_size) alignment = page_size;
    if (bytes == 0 || (alignment & (alignment - 1)) != 0) return Error::invalid_argument;
    bytes = round_up(bytes, page_size);
    for (RamBlock& block : returned_) {
        if (block.bytes != bytes || (block.base & (alignment - 1)) != 0) continue;
        return std::exchange(block, {});
    }
    for (uint32_t i = 0; i < info_->region_count; ++i) {
        const BootRegion& region = info_->region[i];
        if (!is_ram(region)) continue;
        uint64_t offset = round_up(region.base + used_[i], alignment) - region.base;
        if (offset > region.size || region.size - offset < bytes) continue;
        return carve(i, offset, bytes);
    }
    return Error::no_memory;
}

void BootRam::release(const RamBlock& block) {
    if (!CNodeCap{}.revoke(block.cap).ok()) return;  // still in use: never handed out again
    for (RamBlock& place : returned_) {
        if (place.bytes != 0) continue;
        place = block;
        return;
    }
}

Result<RamBlock> BootRam::take_rest(uint32_t i) {
    if (i >= info_->region_count || !is_ram(info_->region[i])) return Error::not_found;
    const BootRegion& region = info_->region[i];
    uint64_t offset = round_up(region.base + used_[i], page_size) - region.base;
    if (offset + page_size > region.size) return Error::not_found;
    return carve(i, offset, base::round_down(region.size - offset, page_size));
}

}  // namespace skerry::runtime
