// Traps of the probe: from kernel mode back to the attempt's landing, from user mode on to the next step.
#include "platform/instructions.hpp"
#include "report.hpp"
#include "trap/panic.hpp"
#include "user_mode.hpp"

extern "C" {
uint32_t skerry_system_call();
uint32_t skerry_brief_poke();
uint32_t skerry_trap(uint64_t vector, uint64_t code);
void skerry_driver_trap(uint64_t vector, uint64_t code, uint64_t* frame);
uint64_t skerry_attempt(void (*what)(void*), void* argument);
extern char skerry_attempt_landing[], skerry_xrstor_fault[], skerry_xrstor_landing[];
}

namespace skerry::probe {
namespace {
constinit bool attempting = false;
constinit Outcome seen;

uint64_t flags() {
    uint64_t value;
    asm volatile("pushfq; popq %0" : "=r"(value));
    return value;
}
}  // namespace

Outcome attempt(void (*what)(void*), void* argument) {
    seen = {};
    attempting = true;
    seen.faulted = skerry_attempt(what, argument) != 0;
    attempting = false;
    return seen;
}

}  // namespace skerry::probe

uint32_t skerry_system_call() {
    using namespace skerry::probe;
    left_user_mode({.flags = flags(), .system_call = true});
}

// Nobody pokes.
uint32_t skerry_brief_poke() {
    return 0;
}

uint32_t skerry_trap(uint64_t vector, uint64_t code) {
    using namespace skerry::probe;
    left_user_mode({.flags = flags(), .vector = vector, .code = code, .address = skerry::platform::read_cr2()});
}

void skerry_driver_trap(uint64_t vector, uint64_t code, uint64_t* frame) {
    using namespace skerry;
    // As the CPU driver does it (platforms/x86_64/trap/trap.cpp).
    constexpr uint64_t general_protection = 13;
    if (vector == general_protection && frame[0] == reinterpret_cast<uint64_t>(skerry_xrstor_fault)) {
        frame[0] = reinterpret_cast<uint64_t>(skerry_xrstor_landing);
        return;
    }
    if (!probe::attempting) {
        base::Buffer<160> text;
        text << "probe: unexpected exception " << vector << ", code " << base::Hex{code} << ", ip "
             << base::Hex{frame[0]} << ", address " << base::Hex{platform::read_cr2()};
        platform::panic(text.view());
    }
    probe::seen = {.faulted = true, .vector = vector, .code = code, .address = platform::read_cr2()};
    frame[0] = reinterpret_cast<uint64_t>(skerry_attempt_landing);
}
