// Policy: how much memory a core gets to call its own, how many start at once, how much a program may hold. The numbers
// are ours, to be replaced by the knowledge base's.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

namespace skerry::monitor {

constexpr uint64_t mebibyte = 1024 * 1024;
// What a core needs to be of use: its image, a monitor, a memory service (which wants a region of at least 8 MiB
// besides), and some programs. Blocks are powers of two.
constexpr uint64_t smallest_share = 16 * mebibyte;
constexpr uint64_t largest_share = 1024 * mebibyte;  // of one KernelControl.withdraw

// Half of what the node has free, divided by all of its cores (that which gives included), rounded down to a power
// of two, within the bounds above. Half: the giver serves itself, and later asks for more, from the other half.
constexpr uint64_t core_share(uint64_t free_bytes, uint32_t cores_of_node) {
    uint64_t share = free_bytes / 2 / std::max<uint32_t>(cores_of_node, 1);
    return std::clamp(std::bit_floor(share), smallest_share, largest_share);
}
static_assert(core_share(0, 1) == smallest_share && core_share(~uint64_t{0}, 1) == largest_share);

// How many cores may be on their way at once. Enough that the 10 ms after INIT cost nothing.
constexpr uint32_t starts_in_flight = 8;

// How much a program may ask of its memory service: half of what is free now, but some in any case.
constexpr uint64_t account_limit(uint64_t free_bytes) {
    return std::max<uint64_t>(free_bytes / 2, mebibyte);
}

}  // namespace skerry::monitor
