// The boot page of x86-64, from top to bottom: the core that boots makes its record from what GRUB left; every other
// core finds its record filled in by the monitor that started it. From there on they are the same.
#include <cstddef>
#include <new>

#include "boot/agreed_time.hpp"
#include "boot/boot_core.hpp"
#include "cpudriver/core.hpp"
#include "interrupt/legacy.hpp"
#include "memory/alias_map.hpp"
#include "platform/machine.hpp"
#include "trap/descriptors.hpp"
#include "trap/panic.hpp"

extern "C" {
extern skerry::platform::Registers skerry_registers;
[[noreturn]] void skerry_leave(uint32_t full);
[[noreturn]] void skerry_idle();
[[noreturn]] void skerry_boot_core(uint32_t magic, uint64_t information);
[[noreturn]] void skerry_start_core();
// First in the image (boot/boot.S): entry is set there; the starter writes the rest before this core runs.
extern skerry::capabilities::BootRecord skerry_boot_record;
}
static_assert(offsetof(skerry::capabilities::BootRecord, entry) == 8);

namespace skerry::platform {
namespace {

[[gnu::section(".bss.hot")]] constinit Machine machine;

[[noreturn]] void start(capabilities::BootRecord& record) {
    name_core_for_panic(record.core);
    if (record.magic != capabilities::boot_record_magic) panic("no boot record");
    load_descriptors();
    if (const char* missing = machine.enable_features()) panic(missing);
    if (!build_kernel_space(machine, record)) panic("not enough memory for the kernel's page tables");
    machine.start_timer(record.clock_multiplier, record.timer_multiplier);
    if (record.core == 0) wait_for_agreed_time(machine, record.command_line);

    auto* core_object = new (core_memory) cpudriver::Core(machine, skerry_registers);
    const char* reason = "";
    if (base::Status booted = core_object->boot(record, reason); !booted.ok()) panic(reason);
    leave(core_object->reschedule());
}

}  // namespace

alignas(64) [[gnu::section(".bss.hot.core")]] constinit std::byte core_memory[sizeof(cpudriver::Core)] = {};
Machine& this_machine() {
    return machine;
}

void leave(cpudriver::Exit exit) {
    if (exit == cpudriver::Exit::idle) skerry_idle();
    skerry_leave(exit == cpudriver::Exit::full);
}

}  // namespace skerry::platform

void skerry_boot_core(uint32_t magic, uint64_t information) {
    using namespace skerry::platform;
    mask_legacy_interrupts();
    stop_legacy_tick();
    const char* reason = describe_boot_core(magic, information, skerry_boot_record);
    if (reason != nullptr) panic(reason);
    start(skerry_boot_record);
}

void skerry_start_core() {
    skerry::platform::start(skerry_boot_record);
}
