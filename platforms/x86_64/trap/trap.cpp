// From assembly to the driver: which entry a vector means.
#include "boot/boot_core.hpp"
#include "platform/machine.hpp"
#include "platforms/base/format.hpp"
#include "trap/panic.hpp"

extern "C" {
uint32_t skerry_system_call();
[[gnu::hot]] uint32_t skerry_trap(uint64_t vector, uint64_t code);
[[gnu::hot]] uint32_t skerry_brief_poke();
void skerry_driver_trap(uint64_t vector, uint64_t code, uint64_t* frame);
extern char skerry_idle_end[], skerry_xrstor_fault[], skerry_xrstor_landing[];
void skerry_idle();
extern skerry::platform::Registers skerry_registers;
}

namespace skerry::platform {
namespace {

using cpudriver::Exit;
static_assert(static_cast<uint32_t>(Exit::fast) == 0 && static_cast<uint32_t>(Exit::idle) == 2);  // entry.S
static_assert(vector_poke == 0xe1);
enum Exception : uint8_t { general_protection = 13, page_fault = 14 };

// To assembly: 0 leaves by SYSRET, 1 by IRET; idling does not come back.
uint32_t way_out(Exit exit) {
    if (exit == Exit::idle) leave(exit);
    return exit == Exit::full;
}

[[gnu::hot]] Exit interrupt(uint64_t vector) {
    cpudriver::Core& core = this_core();
    switch (vector) {
        case vector_timer:
            Machine::end_of_interrupt();
            return core.timer_interrupt();
        case vector_poke:
            Machine::end_of_interrupt();
            return core.poke_interrupt();
        case vector_spurious:
            return core.reschedule();
        default: {
            // Ended after the line was masked: a level that still stands would come again at once.
            Exit exit = core.device_interrupt(static_cast<uint32_t>(vector));
            Machine::end_of_interrupt();
            return exit;
        }
    }
}

}  // namespace
}  // namespace skerry::platform

[[gnu::hot]] uint32_t skerry_system_call() {
    return static_cast<uint32_t>(skerry::platform::this_core().system_call());
}

// From user level.
[[gnu::hot]] uint32_t skerry_trap(uint64_t vector, uint64_t code) {
    using namespace skerry::platform;
    if (vector >= 32) return way_out(interrupt(vector));
    if (vector == page_fault) {
        // Error code: bit 1 write, bit 4 instruction fetch.
        uint64_t access = code & 16 ? 4 : code & 2 ? 2 : 1;
        return way_out(this_core().page_fault(read_cr2(), access));
    }
    return way_out(this_core().exception(static_cast<uint32_t>(vector), code));
}

// A poke, before anything is saved: whether that was all. Only what the calling convention gives up may change.
[[gnu::hot]] uint32_t skerry_brief_poke() {
    if (!skerry::platform::this_core().flush_interrupt()) return 0;
    skerry::platform::Machine::end_of_interrupt();
    return 1;
}

// From the driver: an interrupt while it idles, or an extended state that could not be loaded. All else is a bug.
void skerry_driver_trap(uint64_t vector, uint64_t code, uint64_t* frame) {
    using namespace skerry::platform;
    uint64_t instruction = frame[0];
    bool idle = instruction >= reinterpret_cast<uint64_t>(&skerry_idle) &&
                instruction < reinterpret_cast<uint64_t>(skerry_idle_end);
    if (idle && vector >= 32) leave(interrupt(vector));
    if (vector == general_protection && instruction == reinterpret_cast<uint64_t>(skerry_xrstor_fault)) {
        frame[0] = reinterpret_cast<uint64_t>(skerry_xrstor_landing);
        return;
    }
    skerry::base::Buffer<160> text;
    text << "exception " << vector << " in the driver, code " << skerry::base::Hex{code} << ", ip "
         << skerry::base::Hex{instruction} << ", address " << skerry::base::Hex{read_cr2()};
    panic(text.view());
}
