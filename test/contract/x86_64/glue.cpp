#include "glue.hpp"

#include <cstring>

#include "trap.hpp"

extern "C" {
uint64_t skerry_attempt(void (*what)(void*), void* argument);
uint32_t contract_enter_user();
extern skerry::platform::Registers skerry_registers;
}

namespace skerry::contract_test {
namespace {

// A trap flag that sanitize let pass would trap after the NOP.
constexpr uint64_t store_at = 16, call_at = 32, add_at = 48;
// clang-format off
constexpr uint8_t code[] = {
    0x48, 0x8b, 0x07, 0x0f, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,          // mov (%rdi), %rax; syscall
    0x48, 0x89, 0x37, 0x0f, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,          // mov %rsi, (%rdi); syscall
    0x90, 0x0f, 0x05, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,                // nop; syscall
    0x48, 0xff, 0xc2, 0x49, 0xff, 0xc0, 0x49, 0xff, 0xc1, 0x49, 0xff, 0xc2, // inc rdx, r8, r9, r10
    0x48, 0xff, 0xc3, 0x48, 0xff, 0xc5, 0x49, 0xff, 0xc4, 0x49, 0xff, 0xc5, // inc rbx, rbp, r12, r13
    0x49, 0xff, 0xc6, 0x49, 0xff, 0xc7, 0x0f, 0x05,                         // inc r14, r15; syscall
};
// clang-format on
constexpr uint64_t user_flags = 0x202;

void read_byte(void* at) {
    (void)*static_cast<volatile std::byte*>(at);
}

// Four registers of 256 bits; the lower halves are what SSE has.
struct alignas(32) Vectors {
    uint64_t word[4][4];
};
Vectors pattern(uint64_t seed) {
    Vectors vectors;
    for (uint64_t i = 0; i < 4; i++) {
        for (uint64_t j = 0; j < 4; j++) vectors.word[i][j] = (seed << 16 | i << 8 | j) * 0x9e37'79b9'7f4a'7c15;
    }
    return vectors;
}

}  // namespace

bool X86Glue::reachable(const std::byte* alias) {
    catch_next_fault(true);
    bool faulted = skerry_attempt(read_byte, const_cast<std::byte*>(alias)) != 0;
    catch_next_fault(false);
    return !faulted;
}

// Interrupts come in after the second instruction behind STI. Spins: a halted core would need the timer to go
// on.
Interrupt X86Glue::wait(uint64_t ns) {
    uint64_t end = machine.now() + ns;
    Interrupt came = Interrupt::none;
    do {
        asm volatile("sti; nop; pause; cli" ::: "memory");
        came = take_interrupt();
    } while (came == Interrupt::none && machine.now() < end);
    return came;
}

std::span<const std::byte> X86Glue::user_code() const {
    return std::as_bytes(std::span(code));
}
base::VirtAddr X86Glue::call_instruction(base::VirtAddr at) const {
    return at + call_at;
}
base::VirtAddr X86Glue::add_and_call(base::VirtAddr at) const {
    return at + add_at;
}

void X86Glue::set_access(platform::Registers& registers, Access access, base::VirtAddr at, base::VirtAddr target,
                         uint64_t value) const {
    registers.rip = access == Access::load    ? at.value
                    : access == Access::store ? at.value + store_at
                                              : target.value + call_at;
    registers.rdi = target.value;
    registers.rsi = value;
    registers.rflags = user_flags;
}

Stop X86Glue::run(platform::Registers& registers) {
    skerry_registers = registers;
    auto stop = static_cast<Stop>(contract_enter_user());
    registers = skerry_registers;
    return stop;
}

void X86Glue::set_call(platform::Registers& registers, uint64_t number, std::span<const uint64_t, 8> arguments) const {
    registers.rax = number;
    registers.rdi = arguments[0], registers.rsi = arguments[1], registers.rdx = arguments[2];
    registers.r8 = arguments[3], registers.r9 = arguments[4], registers.r10 = arguments[5];
    registers.rbx = arguments[6], registers.rbp = arguments[7];
}

uint64_t X86Glue::value(const platform::Registers& registers, uint32_t i) const {
    const uint64_t values[] = {registers.rdx, registers.r8, registers.r9, registers.r10};
    return values[i & 3];
}

Upcall X86Glue::upcall(const platform::Registers& registers) const {
    return {base::VirtAddr{registers.rip},
            base::VirtAddr{registers.rsp},
            base::VirtAddr{registers.gs_base},
            {registers.rdi, registers.rsi, registers.rax}};
}

// The kernel itself is compiled without vector registers, so nothing but this touches them.
void X86Glue::fill_vectors(uint64_t seed) {
    Vectors v = pattern(seed);
    if (wide()) {
        asm volatile(
            "vmovdqa (%0), %%ymm0; vmovdqa 32(%0), %%ymm7; vmovdqa 64(%0), %%ymm8; vmovdqa 96(%0), %%ymm15" ::"r"(&v)
            : "memory");
    } else {
        asm volatile(
            "movdqa (%0), %%xmm0; movdqa 32(%0), %%xmm7; movdqa 64(%0), %%xmm8; movdqa 96(%0), %%xmm15" ::"r"(&v)
            : "memory");
    }
}

bool X86Glue::vectors_hold(uint64_t seed) {
    Vectors wanted = pattern(seed), v = wanted;
    if (wide()) {
        asm volatile(
            "vmovdqa %%ymm0, (%0); vmovdqa %%ymm7, 32(%0); vmovdqa %%ymm8, 64(%0); vmovdqa %%ymm15, 96(%0)" ::"r"(&v)
            : "memory");
    } else {
        asm volatile(
            "movdqa %%xmm0, (%0); movdqa %%xmm7, 32(%0); movdqa %%xmm8, 64(%0); movdqa %%xmm15, 96(%0)" ::"r"(&v)
            : "memory");
    }
    return std::memcmp(&v, &wanted, sizeof v) == 0;
}

// The XSAVE header says that a component is there that no CPU has.
void X86Glue::spoil(std::span<std::byte> image) const {
    constexpr size_t header = 512;
    image[header + 7] = std::byte{0x40};
}

// The scratch register of the first serial port, and PCI's configuration address.
uint32_t X86Glue::echo_port(uint32_t width) const {
    return width == 1 ? 0x3ff : width == 4 ? 0xcf8 : 0;
}

// The first serial port, on the first I/O APIC where every PC has it: its line stands while it wants bytes to send.
Glue::DeviceLine X86Glue::device_line() const {
    return {base::PhysAddr{0xfec0'0000}, 4, 24};
}
void X86Glue::raise(bool on) {
    platform::out8(0x3fc, 0x0b);  // ready, and the interrupt's gate
    platform::out8(0x3f9, on ? 2 : 0);
}

}  // namespace skerry::contract_test
