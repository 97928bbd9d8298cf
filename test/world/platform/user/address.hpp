// Where a program's addresses lead.
#pragma once

#include <cstdint>

namespace skerry::platform {

// A user address is a pointer: the model of the driver maps frames where it is told to.
template <typename T>
T* at(uint64_t address) {
    return reinterpret_cast<T*>(address);
}

}  // namespace skerry::platform
