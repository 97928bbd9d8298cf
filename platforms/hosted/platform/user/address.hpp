// Where a program's addresses lead.
#pragma once

#include <cstddef>
#include <cstdint>

namespace skerry::platform {

// Walks the page tables of the core's current space. Null: nothing is mapped there. What follows lies at the same
// distance only within one mapped frame.
std::byte* translate(uint64_t address);
template <typename T>
T* at(uint64_t address) {
    return reinterpret_cast<T*>(translate(address));
}

}  // namespace skerry::platform
