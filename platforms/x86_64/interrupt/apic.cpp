// The local APIC: one-shot timer, interrupts between cores. xAPIC through memory: at most 255 cores.
// Source of register offsets: Intel SDM volume 3, chapter 11.
#include <algorithm>

#include "platform/machine.hpp"
#include "platforms/base/assert.hpp"

namespace skerry::platform {
namespace {

enum Register : uint32_t {
    apic_id = 0x20,
    apic_task_priority = 0x80,
    apic_logical_destination = 0xd0,
    apic_destination_format = 0xe0,
    apic_spurious = 0xf0,
    apic_command_low = 0x300,
    apic_command_high = 0x310,
    apic_timer = 0x320,
    apic_lint0 = 0x350,
    apic_lint1 = 0x360,
    apic_initial_count = 0x380,
    apic_current_count = 0x390,
    apic_divide = 0x3e0,
};
constexpr uint32_t masked = 1 << 16;
constexpr uint32_t logical = 1 << 11;  // the destination is a set of bits, one a core
constexpr uint32_t flat = 0xffffffff;
constexpr uint32_t logical_ids = 8;
constexpr uint32_t divide_by_1 = 0b1011;

volatile uint32_t& apic(uint32_t offset) {
    return *reinterpret_cast<volatile uint32_t*>(apic_address + offset);
}

struct Ticks {
    uint64_t cycles;
    uint32_t timer;
};

// Counts both clocks over 10 ms of the PIT's channel 2 (1,193,182 Hz), whose gate is software's.
Ticks measure_10_ms() {
    constexpr uint32_t pit_count = 11932;
    out8(0x61, (in8(0x61) & 0xfd) | 1);  // gate on, speaker off
    out8(0x43, 0b10110000);              // channel 2, both bytes, mode 0: output rises at the end
    out8(0x42, pit_count & 0xff);
    apic(apic_initial_count) = 0xffffffff;
    out8(0x42, pit_count >> 8);
    uint64_t start = read_cycles();
    uint64_t spins = 0;
    while ((in8(0x61) & 0x20) == 0) {
        SKERRY_ASSERT(spins++ < 1'000'000'000);  // no timer chip: nothing to measure time with
        asm volatile("pause");
    }
    return {read_cycles() - start, 0xffffffff - apic(apic_current_count)};
}

}  // namespace

void Machine::start_timer(uint64_t clock_multiplier, uint64_t timer_multiplier) {
    hardware_id_ = base::HardwareId{apic(apic_id) >> 24};
    apic(apic_task_priority) = 0;
    // The first eight ids have a bit in the flat model's destinations, others none: so they can be told with one command.
    apic(apic_destination_format) = flat;
    apic(apic_logical_destination) = hardware_id_.value < logical_ids ? uint32_t{1} << (24 + hardware_id_.value) : 0;
    apic(apic_lint0) = masked;
    apic(apic_lint1) = 0x400;  // NMI
    apic(apic_spurious) = 0x100 | vector_spurious;
    apic(apic_divide) = divide_by_1;
    apic(apic_timer) = masked | vector_timer;
    clock_multiplier_ = clock_multiplier;
    timer_multiplier_ = timer_multiplier;
    if (clock_multiplier == 0 || timer_multiplier == 0) {
        Ticks ticks = measure_10_ms();
        SKERRY_ASSERT(ticks.cycles != 0 && ticks.timer != 0);
        constexpr uint64_t ns = 10'000'000;
        clock_multiplier_ = (ns << 32) / ticks.cycles;
        timer_multiplier_ = (uint64_t{ticks.timer} << 32) / ns;
    }
    apic(apic_initial_count) = 0;
    apic(apic_timer) = vector_timer;  // one-shot
}

void Machine::arm(uint64_t deadline) {
    uint64_t current = now();
    constexpr uint64_t longest = uint64_t{1} << 40;  // ns, 18 minutes: times any multiplier it still fits
    uint64_t ns = deadline > current ? std::min(deadline - current, longest) : 1;
    uint64_t count = scale(ns, timer_multiplier_) + 1;
    // A deadline beyond the counter's range fires early; the driver looks at the clock and arms again.
    apic(apic_initial_count) = count > 0xffffffff ? 0xffffffff : static_cast<uint32_t>(count);
}

void Machine::disarm() {
    apic(apic_initial_count) = 0;
}

void Machine::halt_until(uint64_t cycles) {
    constexpr uint64_t longest = 1'000'000'000;  // cycles of one halt: the timer counts in 32 bits
    constexpr uint64_t shortest = 10'000;        // so that the timer does not fire before the halt
    for (;;) {
        uint64_t left = cycles - read_cycles();
        if (left > cycles || left < shortest) return;
        uint64_t end = left > longest + shortest ? read_cycles() + longest : cycles;
        apic(apic_initial_count) = static_cast<uint32_t>(end - read_cycles());
        asm volatile("sti; hlt; cli" ::: "memory");
        end_of_interrupt();
    }
}

void Machine::interrupt_command(uint32_t destination, uint32_t command) {
    SKERRY_ASSERT(destination < 256);
    // Delivery status (bit 12) clears within a bounded time on hardware; the previous command is normally long gone.
    for (int spin = 0; spin < 1000 && (apic(apic_command_low) & (1 << 12)); spin++) asm volatile("pause");
    apic(apic_command_high) = destination << 24;
    apic(apic_command_low) = command;
}
void Machine::interrupt_command(base::HardwareId target, uint32_t command) {
    SKERRY_ASSERT(target.value < 255);
    interrupt_command(static_cast<uint32_t>(target.value), command);
}
void Machine::send_poke(base::HardwareId target) {
    interrupt_command(target, 0x4000 | vector_poke);
}
void Machine::send_pokes(std::span<const base::HardwareId> targets) {
    uint32_t together = 0;
    for (base::HardwareId target : targets) {
        if (target.value < logical_ids) together |= uint32_t{1} << target.value;
    }
    bool several = (together & (together - 1)) != 0;
    for (base::HardwareId target : targets) {
        if (!several || target.value >= logical_ids) send_poke(target);
    }
    if (several) interrupt_command(together, 0x4000 | logical | vector_poke);
}
void Machine::send_init(base::HardwareId target) {
    interrupt_command(target, 0x4500);
}
void Machine::send_startup(base::HardwareId target, uint32_t page) {
    interrupt_command(target, 0x4600 | (page & 0xff));
}

uint32_t Machine::port_in(uint32_t port, uint32_t width) {
    auto p = static_cast<uint16_t>(port);
    return width == 1 ? in8(p) : width == 2 ? in16(p) : in32(p);
}
void Machine::port_out(uint32_t port, uint32_t width, uint32_t value) {
    auto p = static_cast<uint16_t>(port);
    if (width == 1) out8(p, static_cast<uint8_t>(value));
    if (width == 2) out16(p, static_cast<uint16_t>(value));
    if (width == 4) out32(p, value);
}

}  // namespace skerry::platform
