#include <cstddef>

#include "platform/instructions.hpp"
#include "platform/layout.hpp"
#include "platform/user/trial.hpp"

extern "C" char skerry_attempt_landing[];

namespace skerry::platform {
namespace {

enum : uint32_t {
    divide_error = 0,
    breakpoint_trap = 3,
    invalid_opcode = 6,
    general_protection = 13,
    floating_point_error = 16
};

alignas(64) constinit std::byte scratch[128] = {};
struct [[gnu::packed]] FarPointer {
    uint32_t offset;
    uint16_t selector;
};
constexpr FarPointer kernel_entry{0x1000, kernel_code};
constexpr std::byte just_return[] = {std::byte{0xc3}};

constexpr Trial trials[] = {
    {"cli", [](void*) { asm volatile("cli"); }, general_protection},
    {"sti", [](void*) { asm volatile("sti"); }, general_protection},
    {"hlt", [](void*) { asm volatile("hlt"); }, general_protection},
    {"rdmsr", [](void*) { (void)read_msr(0xc0000080); }, general_protection},
    {"wrmsr", [](void*) { write_msr(0xc0000080, 0); }, general_protection},
    {"read_cr0", [](void*) { (void)read_cr0(); }, general_protection},
    {"read_cr3", [](void*) { (void)read_cr3(); }, general_protection},
    {"write_cr3", [](void*) { write_cr3(0); }, general_protection},
    {"write_cr4", [](void*) { write_cr4(0); }, general_protection},
    {"write_debug_register", [](void*) { asm volatile("mov %0, %%dr7" ::"r"(0ul)); }, general_protection},
    {"xsetbv", [](void*) { write_xcr0(1); }, general_protection},
    {"invlpg", [](void*) { invalidate_page(0); }, general_protection},
    {"wbinvd", [](void*) { asm volatile("wbinvd"); }, general_protection},
    {"lgdt", [](void*) { asm volatile("lgdt %0" ::"m"(scratch)); }, general_protection},
    {"lidt", [](void*) { asm volatile("lidt %0" ::"m"(scratch)); }, general_protection},
    {"ltr", [](void*) { asm volatile("ltr %w0" ::"r"(0x28)); }, general_protection},
    {"swapgs", [](void*) { asm volatile("swapgs"); }, general_protection},
    {"sysret", [](void*) { asm volatile("sysretq" ::"c"(0)); }, general_protection},
    {"in", [](void*) { (void)in8(0x3f8); }, general_protection},
    {"out", [](void*) { out8(0x80, 0); }, general_protection},
    {"kernel_code_selector", [](void*) { asm volatile("ljmpl *%0" ::"m"(kernel_entry)); }, general_protection},
    {"kernel_data_selector", [](void*) { asm volatile("mov %0, %%ss" ::"r"(0x10)); }, general_protection},
    {"timer_interrupt", [](void*) { asm volatile("int $0xe0"); }, general_protection},
    {"page_fault_interrupt", [](void*) { asm volatile("int $14"); }, general_protection},
    {"nmi_interrupt", [](void*) { asm volatile("int $2"); }, general_protection},
    {"old_system_call", [](void*) { asm volatile("int $0x80"); }, general_protection},
    {"non_canonical_read", [](void*) { (void)*reinterpret_cast<volatile char*>(0x8000'0000'0000); },
     general_protection},
    {"breakpoint", [](void*) { asm volatile("int3"); }, breakpoint_trap},
    {"divide_by_zero", [](void*) { asm volatile("xor %%edx, %%edx; divl %0" ::"r"(0), "a"(1)
                                                : "edx"); }, divide_error},
    {"undefined_instruction", [](void*) { asm volatile("ud2"); }, invalid_opcode},
    {"misaligned_vector", [](void*) { asm volatile("fxsave %0"
                                                   : "=m"(scratch[8])); }, general_protection},
    {"floating_point_exception",
     [](void*) {
         static const uint16_t unmasked = 0x037f & ~(1u << 2);  // division by zero
         asm volatile("fldcw %0; fld1; fldz; fdivrp; fwait" ::"m"(unmasked));
     },
     floating_point_error},
    // UMIP: these tell where the kernel's tables lie. Last, so that they can be left out.
    {"sgdt", [](void*) { asm volatile("sgdt %0"
                                      : "=m"(scratch)); }, general_protection},
    {"sidt", [](void*) { asm volatile("sidt %0"
                                      : "=m"(scratch)); }, general_protection},
    {"sldt", [](void*) { asm volatile("sldt %0"
                                      : "=m"(scratch)); }, general_protection},
    {"smsw", [](void*) { asm volatile("smsw %0"
                                      : "=m"(scratch)); }, general_protection},
    {"str", [](void*) { asm volatile("str %0"
                                     : "=m"(scratch)); }, general_protection},
};
constexpr size_t umip_trials = 5;

// The boot record, text, the RAM alias, the poke words, the local APIC, the last page.
constexpr uint64_t addresses[] = {image_base,   image_base + 0x1000, alias_base + 0x10'0000,
                                  poke_address, apic_address,        0xffff'ffff'ffff'f000};

uint64_t flags() {
    uint64_t value;
    asm volatile("pushfq; popq %0" : "=r"(value));
    return value;
}

}  // namespace

void land(Registers& registers) {
    registers.rip = reinterpret_cast<uint64_t>(skerry_attempt_landing);
}

std::span<const Trial> forbidden_instructions() {
    bool umip = (cpuid(7).c >> 2 & 1) != 0;
    return std::span(trials).first(umip ? std::size(trials) : std::size(trials) - umip_trials);
}

void after_trial() {
    asm volatile("fninit");
}

const char* ignored_instructions() {
    constexpr uint64_t interrupts = 1 << 9, privilege = 3 << 12;
    uint64_t before = flags();
    asm volatile("pushq %0; popfq" ::"r"((before & ~interrupts) | privilege) : "cc");
    if ((flags() & interrupts) == 0) return "POPF switched interrupts off";
    if ((flags() & privilege) != 0) return "POPF raised the privilege of I/O";
    return nullptr;
}

std::span<const uint64_t> kernel_addresses() {
    return addresses;
}
std::span<const std::byte> return_code() {
    return just_return;
}

}  // namespace skerry::platform
