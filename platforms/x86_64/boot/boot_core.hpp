// What GRUB left, as a boot record.
#pragma once

#include <cstdint>

#include "capabilities/interface/boot_record.hpp"
#include "cpudriver/core.hpp"
#include "platform/machine.hpp"

namespace skerry::platform {

// Null, or a one-line reason why this machine cannot boot. Runs on the early tables: the first 4 GiB are at 0.
const char* describe_boot_core(uint32_t magic, uint64_t information, capabilities::BootRecord& record);

// boot/start.cpp
cpudriver::Core& this_core();
Machine& this_machine();
[[noreturn]] void leave(cpudriver::Exit exit);

}  // namespace skerry::platform
