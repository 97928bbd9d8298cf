#include "usr/runtime/lazy_regions.hpp"

#include <bit>

namespace skerry::runtime {

using base::page_size;
using base::round_up;
namespace map_flags = capabilities::map_flags;

Status LazyRegions::add(uint64_t base, uint64_t bytes) {
    if (bytes == 0 || base % page_size != 0 || bytes % page_size != 0) return Error::misaligned;
    for (Region& region : regions_) {
        if (region.bytes != 0) continue;
        uint64_t chunk = round_up(std::max(smallest_chunk, (bytes + 63) / 64), smallest_chunk);
        region = {base, bytes, chunk, 0};
        return {};
    }
    return Error::full;
}

Status LazyRegions::repair(uint64_t address, uint64_t access) {
    constexpr uint64_t execute = 4;
    if ((access & execute) != 0) return Error::no_right;
    for (Region& region : regions_) {
        if (region.bytes == 0 || address < region.base || address - region.base >= region.bytes) continue;
        uint64_t index = (address - region.base) / region.chunk;
        if ((region.present >> index & 1) != 0) return Error::no_right;  // it is mapped: not a missing page
        uint64_t offset = index * region.chunk;
        uint64_t bytes = region.bytes_of(index);
        Object frame = SKERRY_TRY(pool_->make_frame(bytes));
        Status mapped = space_->map(region.base + offset, frame.cap, 0, bytes, map_flags::read | map_flags::write);
        if (!mapped.ok()) {
            pool_->destroy(frame);
            return mapped;
        }
        region.present |= uint64_t{1} << index;
        return {};
    }
    return Error::not_found;
}

uint64_t LazyRegions::bytes() const {
    uint64_t sum = 0;
    for (const Region& region : regions_) {
        for (uint64_t left = region.present; left != 0; left &= left - 1) {
            sum += region.bytes_of(static_cast<uint64_t>(std::countr_zero(left)));
        }
    }
    return sum;
}

}  // namespace skerry::runtime
