// Marks in a program's path for a plugin of QEMU's (platforms/x86_64/platform/user/mark.hpp): here nobody listens.
#pragma once

#include <cstdint>

namespace skerry::platform {

enum class Mark : int32_t { series, begin, end, turn, look, found };

template <Mark>
inline void mark() {}

}  // namespace skerry::platform
