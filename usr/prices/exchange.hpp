// Two cores that send each other lines, one of them with a clock: how a pair's price is measured.
#pragma once

#include "platforms/base/result.hpp"
#include "usr/prices/price.hpp"

namespace skerry::usr::prices {

constexpr uint32_t frame_bytes = 4096;  // of two rings
constexpr uint32_t in_flight = 8;

// Sends every line back, until one with `over` has been.
base::Status answer(std::byte* frame);
// The other side. `frame` is zeroed; until the time `deadline` (ns of this core's clock), or with few rounds if one takes
// very long. Errors: those of the rings; corrupt (another answer than was sent).
base::Result<Price> measure(std::byte* frame, uint64_t deadline);

}  // namespace skerry::usr::prices
