// How people call the exceptions of this machine; the user half of each platform defines it.
#pragma once

#include <cstdint>

namespace skerry::platform {

const char* exception_name(uint32_t vector);

}  // namespace skerry::platform
