// The probe kernel boots as the CPU driver does, up to the point where that makes its Core, and then tries,
// one by one, what must fault. With `double_fault` on the boot loader's line it ends with one, to show the
// panic line.
#include <string_view>

#include "boot/boot_core.hpp"
#include "checks.hpp"
#include "interrupt/legacy.hpp"
#include "low_memory.hpp"
#include "memory/alias_map.hpp"
#include "report.hpp"
#include "trap/descriptors.hpp"
#include "trap/panic.hpp"
#include "user_mode.hpp"

extern "C" {
[[noreturn]] void skerry_boot_core(uint32_t magic, uint64_t information);
[[noreturn]] void skerry_start_core();
extern skerry::capabilities::BootRecord skerry_boot_record;
}

namespace skerry::probe {
namespace {

constinit platform::Machine machine;

[[noreturn]] void run(capabilities::BootRecord& record) {
    platform::load_descriptors();
    if (const char* missing = machine.enable_features()) platform::panic(missing);
    if (!platform::build_kernel_space(machine, record))
        platform::panic("not enough memory for the kernel's page tables");
    machine.start_timer(0, 0);
    if (std::string_view(record.command_line).find("double_fault") != std::string_view::npos) double_fault();

    try_control_bits();
    walk_pages(record);
    try_vector_state(machine);
    try_stacks(machine);
    LowMemory memory = map_low_memory(machine, record);
    try_low_memory(memory);
    try_kernel_memory(machine, record);
    try_user_mode(memory);
}

}  // namespace
}  // namespace skerry::probe

void skerry_boot_core(uint32_t magic, uint64_t information) {
    using namespace skerry;
    platform::mask_legacy_interrupts();
    const char* reason = platform::describe_boot_core(magic, information, skerry_boot_record);
    if (reason != nullptr) platform::panic(reason);
    probe::run(skerry_boot_record);
}

void skerry_start_core() {
    skerry::platform::panic("the probe starts no other core");
}
