// One core's machine on x86-64. An object in that core's image; nothing in it is shared.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "platform/instructions.hpp"
#include "platform/layout.hpp"
#include "platform/page_table.hpp"
#include "platforms/base/ids.hpp"
#include "platforms/contract/machine.hpp"

extern "C" const std::byte skerry_clean_extended[];  // an XSAVE image with no component present: all initial

namespace skerry::platform {

class Machine {
  public:
    // --- memory (memory/alias_map.cpp) ---
    std::byte* pointer(base::PhysAddr address) { return reinterpret_cast<std::byte*>(alias_base + address.value); }
    bool owns(base::PhysAddr address, uint64_t bytes);
    void withdraw(base::PhysAddr address, uint64_t bytes);
    // The root with the kernel half only, which this core runs on when it has no program.
    void set_kernel_root(uint64_t* root, uint64_t physical) { kernel_root_ = root, kernel_root_physical_ = physical; }

    // --- address spaces ---
    void prepare_root(base::PhysAddr root);
    void switch_space(base::PhysAddr root) { write_cr3(root.value ? root.value : kernel_root_physical_); }
    void flush_page(base::VirtAddr address) { invalidate_page(address.value); }
    void after_map() {}                             // a walk never misses an entry that was written before it
    void publish_code(base::PhysAddr, uint64_t) {}  // fetches are coherent with stores
    static constexpr bool break_before_make = false;
    void flush_space() { write_cr3(read_cr3()); }

    // --- clock and timer (interrupt/apic.cpp) ---
    uint64_t cycles() { return read_cycles(); }
    uint64_t now() { return scale(read_cycles(), clock_multiplier_); }
    uint64_t clock_multiplier() const { return clock_multiplier_; }
    uint64_t timer_multiplier() const { return timer_multiplier_; }
    void arm(uint64_t deadline);
    void disarm();
    void start_timer(uint64_t clock_multiplier, uint64_t timer_multiplier);  // 0, 0: measures both, 10 ms
    static void end_of_interrupt() { *reinterpret_cast<volatile uint32_t*>(apic_address + apic_eoi) = 0; }
    // Halts until read_cycles() says so, before the driver is there: interrupts are on meanwhile, and whatever handler the
    // timer's vector has must return. To the tick where timer and counter tick alike.
    void halt_until(uint64_t cycles);

    // --- extended state (trap/features.cpp, trap/entry.S) ---
    void save_extended(void* area) { xsave(area, extended_mask_); }
    bool restore_extended(const void* area);
    void clear_extended() { xrstor(skerry_clean_extended, extended_mask_); }
    uint64_t extended_size() const { return extended_size_; }
    uint64_t extended_mask() const { return extended_mask_; }

    // --- other cores ---
    static constexpr uint64_t hardware_ids = 255;  // xAPIC
    base::HardwareId hardware_id() const { return hardware_id_; }
    void send_poke(base::HardwareId target);
    void send_pokes(std::span<const base::HardwareId> targets);  // one command for those of the first eight ids
    std::atomic<uint64_t>* poke_words(uint32_t core) {
        return reinterpret_cast<std::atomic<uint64_t>*>(poke_address) + size_t{core} * 8;
    }
    void send_init(base::HardwareId target);
    void send_startup(base::HardwareId target, uint32_t page);

    // --- device interrupts (interrupt/io_apic.cpp) ---
    base::Status route_interrupt(uint32_t vector, base::PhysAddr controller, uint64_t line);
    void mask_interrupt(uint32_t vector) { write_line(vector, true); }
    void unmask_interrupt(uint32_t vector) { write_line(vector, false); }
    static constexpr uint32_t device_windows = 8;
    volatile uint32_t* device_register(uint32_t window, base::PhysAddr address) {
        uint64_t page = device_address + window * base::page_size;
        open_window(page, address);
        return reinterpret_cast<volatile uint32_t*>(page + address.value % base::page_size);
    }

    // --- ports ---
    uint32_t port_in(uint32_t port, uint32_t width);
    void port_out(uint32_t port, uint32_t width, uint32_t value);

    // Turns on what this CPU has and what Skerry needs; returns a one-line reason if something is missing.
    const char* enable_features();

  private:
    static uint64_t scale(uint64_t value, uint64_t multiplier) {
        return static_cast<uint64_t>((static_cast<unsigned __int128>(value) * multiplier) >> 32);
    }
    void interrupt_command(base::HardwareId target, uint32_t command);
    void interrupt_command(uint32_t destination, uint32_t command);
    uint64_t* kernel_entry(uint64_t address, uint32_t lowest);
    void open_window(uint64_t page, base::PhysAddr registers);
    void write_line(uint32_t vector, bool masked);

    struct Line {                // where a vector comes from
        uint8_t controller = 0;  // index + 1; 0: nowhere
        uint8_t pin = 0;
        uint16_t low = 0;  // of the redirection entry, unmasked
    };

    uint64_t* kernel_root_ = nullptr;
    uint64_t kernel_root_physical_ = 0;
    uint64_t clock_multiplier_ = 0;
    uint64_t timer_multiplier_ = 0;
    uint64_t extended_size_ = 0;
    uint64_t extended_mask_ = 0;
    base::HardwareId hardware_id_{0};
    std::array<base::PhysAddr, io_apics_maximum> controller_{};
    uint32_t controllers_ = 0;
    std::array<Line, PageTable::device_vectors> line_{};
};
static_assert(contract::Machine<Machine>);

}  // namespace skerry::platform
