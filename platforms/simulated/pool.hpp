// All memory of the C++ library in a simulated machine's process: one range, so that a snapshot (snapshot.hpp) knows where
// it lies. Powers of two with a list of free pieces each. One host thread.
#pragma once

#include <cstddef>
#include <span>

namespace skerry::simulated::pool {

// From where operator new takes; most of it is never touched.
std::span<std::byte> range();
// Zeros, at a page's start; never given back.
void* zeroed(size_t bytes);

}  // namespace skerry::simulated::pool
