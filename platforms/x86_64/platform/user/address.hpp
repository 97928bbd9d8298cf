// Where a program's addresses lead.
#pragma once

#include <cstdint>

namespace skerry::platform {

// A user address is a pointer.
template <typename T>
T* at(uint64_t address) {
    return reinterpret_cast<T*>(address);
}

}  // namespace skerry::platform
