#include "trap/descriptors.hpp"

#include <cstdint>

#include "platform/instructions.hpp"
#include "platform/layout.hpp"

extern "C" {
extern const uint64_t skerry_vectors[256];
extern char kernel_stack_top[], nmi_stack_top[], machine_check_stack_top[], double_fault_stack_top[];
void skerry_system_call_entry();
}

namespace skerry::platform {
namespace {

struct [[gnu::packed]] TaskState {
    uint32_t reserved0;
    uint64_t stack[3];
    uint64_t reserved1;
    uint64_t interrupt_stack[7];
    uint64_t reserved2;
    uint16_t reserved3;
    uint16_t io_map;  // beyond the segment's limit: no port is open to user level
};
struct Gate {
    uint64_t low, high;
};
struct [[gnu::packed]] Pointer {
    uint16_t limit;
    uint64_t base;
};

constinit TaskState task_state = {};
alignas(16) constinit Gate gates[256] = {};
// Null, kernel code and data, user data and code (in SYSRET's order), and the task state's two halves.
constinit uint64_t segments[7] = {0, 0x00af9b000000ffff, 0x00cf93000000ffff, 0x00cff3000000ffff, 0x00affb000000ffff, 0,
                                  0};

Gate gate(uint64_t handler, uint32_t interrupt_stack) {
    constexpr uint64_t present_interrupt_gate = uint64_t{0x8e} << 40;
    uint64_t low = (handler & 0xffff) | uint64_t{kernel_code} << 16 | uint64_t{interrupt_stack} << 32 |
                   present_interrupt_gate | (handler >> 16 & 0xffff) << 48;
    return {low, handler >> 32};
}

}  // namespace

void set_handler(uint32_t vector, uint64_t handler) {
    gates[vector] = gate(handler, 0);
}

void load_descriptors() {
    task_state.stack[0] = reinterpret_cast<uint64_t>(kernel_stack_top);
    task_state.interrupt_stack[0] = reinterpret_cast<uint64_t>(nmi_stack_top);
    task_state.interrupt_stack[1] = reinterpret_cast<uint64_t>(machine_check_stack_top);
    task_state.interrupt_stack[2] = reinterpret_cast<uint64_t>(double_fault_stack_top);
    task_state.io_map = sizeof(TaskState);
    auto address = reinterpret_cast<uint64_t>(&task_state);
    segments[5] =
        (sizeof(TaskState) - 1) | (address & 0xffffff) << 16 | uint64_t{0x89} << 40 | (address >> 24 & 0xff) << 56;
    segments[6] = address >> 32;

    for (uint32_t vector = 0; vector < 256; vector++) {
        uint32_t stack = vector == 2 ? 1 : vector == 18 ? 2 : vector == 8 ? 3 : 0;
        gates[vector] = gate(skerry_vectors[vector], stack);
    }
    // Breakpoint and overflow may be raised by programs; all others come from the CPU alone.
    gates[3].low |= uint64_t{3} << 45;
    gates[4].low |= uint64_t{3} << 45;

    Pointer gdt{sizeof(segments) - 1, reinterpret_cast<uint64_t>(segments)};
    Pointer idt{sizeof(gates) - 1, reinterpret_cast<uint64_t>(gates)};
    asm volatile("lgdt %0; lidt %1" ::"m"(gdt), "m"(idt) : "memory");
    asm volatile("pushq %0; leaq 1f(%%rip), %%rax; pushq %%rax; lretq; 1:" ::"i"(kernel_code) : "rax", "memory");
    asm volatile("mov %0, %%ds; mov %0, %%es; mov %0, %%ss; mov %1, %%fs; mov %1, %%gs" ::"r"(uint32_t{kernel_data}),
                 "r"(0u));
    asm volatile("ltr %0" ::"r"(uint16_t{task}));

    constexpr uint32_t msr_star = 0xc0000081, msr_lstar = 0xc0000082, msr_flag_mask = 0xc0000084;
    write_msr(msr_star, uint64_t{kernel_data | 3} << 48 | uint64_t{kernel_code} << 32);
    write_msr(msr_lstar, reinterpret_cast<uint64_t>(&skerry_system_call_entry));
    write_msr(msr_flag_mask, 0x47700 | 0x40000 | 0x10000);  // clears IF TF DF NT AC RF and I/O privilege
}

}  // namespace skerry::platform
