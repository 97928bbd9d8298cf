// Two cores that send each other lines, one of them with a clock: how a pair's price is measured.
#pragma once

#include "platforms/base/result.hpp"
#include "usr/prices/price.hpp"

namespace skerry::usr::prices {

constexpr uint32_t page_bytes = 4096;  // of a ring: each side reads one, at its own node
constexpr uint32_t in_flight = 8;

// Both pages are zeroed before the first of the two begins. Times: ns of this core's clock.
struct Pages {
    const std::byte* own = nullptr;  // from which we read
    std::byte* other = nullptr;      // into which we write
};

// Sends every line back, until one with `over` has been. Errors: those of the rings; timed_out (nothing came until then).
base::Status answer(const Pages& pages, uint64_t deadline);
// The other side, until the time `enough`, or with few rounds if one takes very long. Errors: the same; corrupt (another answer
// than was sent).
base::Result<Price> measure(const Pages& pages, uint64_t enough, uint64_t deadline);

}  // namespace skerry::usr::prices
