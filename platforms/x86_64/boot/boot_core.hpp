// What GRUB left, as a boot record.
#pragma once

#include <cstdint>

#include "capabilities/interface/boot_record.hpp"
#include "cpudriver/core.hpp"
#include "platform/machine.hpp"

namespace skerry::platform {

// Null, or a one-line reason why this machine cannot boot. Runs on the early tables: the first 4 GiB are at 0.
const char* describe_boot_core(uint32_t magic, uint64_t information, capabilities::BootRecord& record);

// boot/start.cpp. The core's address is known when the image is linked: it need not be looked up.
alignas(64) extern std::byte core_memory[sizeof(cpudriver::Core)];
inline cpudriver::Core& this_core() {
    return *reinterpret_cast<cpudriver::Core*>(core_memory);
}
Machine& this_machine();
[[noreturn]] void leave(cpudriver::Exit exit);

}  // namespace skerry::platform
