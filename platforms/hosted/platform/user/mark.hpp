// Marks in a program's path for a plugin of QEMU's (test/traffic): here nobody listens.
//
//   mark<Mark::series>()                        what follows is measured together
//   mark<Mark::begin>(); ... mark<Mark::end>()  one sample, on one core
//   mark<Mark::turn>()                          ends a sample and begins the next
#pragma once

#include <cstdint>

namespace skerry::platform {

enum class Mark : int32_t { series, begin, end, turn };

template <Mark>
inline void mark() {}

}  // namespace skerry::platform
