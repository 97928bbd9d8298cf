// Package = hardware id >> this: as the machine was described.
#pragma once

#include <cstdint>

namespace skerry::platform {

uint32_t package_shift();

}  // namespace skerry::platform
