// The stacks of their own that non-maskable interrupts and double faults have.
#include <cstddef>

#include "checks.hpp"
#include "report.hpp"

extern "C" {
extern volatile uint32_t skerry_nmi_seen;
extern char nmi_stack_top[];
void probe_interrupt_without_stack(void* nowhere);
[[noreturn]] void probe_fault_without_stack(void* nowhere);
}

namespace skerry::probe {
namespace {

auto* const nowhere = reinterpret_cast<void*>(0x7000'0000'0000);  // the lower half is empty at this point

volatile uint32_t& apic(uint32_t offset) {
    return *reinterpret_cast<volatile uint32_t*>(platform::apic_address + offset);
}

// The frame that the last NMI pushed, from its stack's top down: SS, RSP, RFLAGS, CS, RIP.
uint64_t pushed_stack_pointer() {
    volatile auto frame = reinterpret_cast<uintptr_t>(nmi_stack_top) - 2 * sizeof(uint64_t);
    return *reinterpret_cast<volatile uint64_t*>(frame);
}

}  // namespace

void try_stacks(platform::Machine& machine) {
    skerry_nmi_seen = 0;
    asm volatile("int $2" ::: "memory");
    check("nmi_returns", skerry_nmi_seen == 1, "the flag is not set");

    skerry_nmi_seen = 0;
    probe_interrupt_without_stack(nowhere);
    check("nmi_own_stack", skerry_nmi_seen == 1 && pushed_stack_pointer() == reinterpret_cast<uint64_t>(nowhere),
          "it did not run on its own stack");

    skerry_nmi_seen = 0;
    constexpr uint32_t command_low = 0x300, command_high = 0x310, deliver_nmi = 0x4400;
    apic(command_high) = static_cast<uint32_t>(machine.hardware_id().value) << 24;
    apic(command_low) = deliver_nmi;
    for (uint32_t spin = 0; spin < 1'000'000 && skerry_nmi_seen == 0; spin++) asm volatile("pause");
    check("nmi_from_apic", skerry_nmi_seen == 1, "it never came");
    skerry_nmi_seen = 0;
    asm volatile("int $2" ::: "memory");
    check("nmi_again", skerry_nmi_seen == 1, "the flag is not set the second time");
}

void double_fault() {
    print("probe double_fault: the panic line follows\r\n");
    probe_fault_without_stack(nowhere);
}

}  // namespace skerry::probe
