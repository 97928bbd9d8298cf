// Builds this core's kernel half: image with W^X, local APIC, and the alias of the RAM that it owns.
#pragma once

#include <cstdint>

#include "capabilities/interface/boot_record.hpp"
#include "platform/machine.hpp"

namespace skerry::platform {

// Builds the tables from the record and switches to them. Table pages come from a pool in the image, then from
// the record's largest RAM range, which shrinks or becomes two. False if there is no memory for them.
bool build_kernel_space(Machine& machine, capabilities::BootRecord& record);

}  // namespace skerry::platform
