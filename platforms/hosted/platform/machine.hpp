// One core's machine on Linux: physical memory is an arena that all cores share, of which each owns ranges; a thread
// is the core; the address space is a root to walk in software; interrupts are bits that the thread looks at when its
// program traps. An object in the core's image.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "platforms/base/ids.hpp"
#include "platforms/contract/machine.hpp"

namespace skerry::hosted {
class World;
class CoreThread;
}  // namespace skerry::hosted

namespace skerry::platform {

class Machine {
  public:
    Machine(hosted::World& world, hosted::CoreThread& thread, base::PhysAddr poke_area)
        : world_(&world), thread_(&thread), poke_area_(poke_area) {}

    // --- memory: a foreign address is a broken law 1, and ends the process ---
    std::byte* pointer(base::PhysAddr address);
    bool owns(base::PhysAddr address, uint64_t bytes);
    void withdraw(base::PhysAddr address, uint64_t bytes);

    // --- address spaces ---
    void prepare_root(base::PhysAddr) {}
    void switch_space(base::PhysAddr root);
    base::PhysAddr space() const { return space_; }
    void flush_page(base::VirtAddr);  // every access walks: nothing is cached, but a simulated machine charges for it
    void after_map() {}
    void publish_code(base::PhysAddr, uint64_t) {}
    static constexpr bool break_before_make = false;
    void flush_space();

    // --- clock and timer: ns of Linux's monotonic clock ---
    uint64_t cycles();
    uint64_t now() { return cycles(); }
    uint64_t clock_multiplier() const { return uint64_t{1} << 32; }
    uint64_t timer_multiplier() const { return uint64_t{1} << 32; }
    void arm(uint64_t deadline);
    void disarm();

    // --- extended state: a context keeps what the calling convention keeps; upcalls come at calls only ---
    void save_extended(void*) {}
    bool restore_extended(const void*) { return true; }
    void clear_extended() {}
    uint64_t extended_size() const { return 0; }
    uint64_t extended_mask() const { return 0; }

    // --- other cores ---
    static constexpr uint64_t hardware_ids = 255;
    base::HardwareId hardware_id() const;
    void send_poke(base::HardwareId target);
    void send_pokes(std::span<const base::HardwareId> targets);
    std::atomic<uint64_t>* poke_words(uint32_t core);
    void send_init(base::HardwareId target);
    void send_startup(base::HardwareId target, uint32_t page);

    // --- devices' interrupts (interrupt_lines.hpp) ---
    base::Status route_interrupt(uint32_t vector, base::PhysAddr controller, uint64_t line);
    void mask_interrupt(uint32_t vector);
    void unmask_interrupt(uint32_t vector);
    static constexpr uint32_t device_windows = 8;
    volatile uint32_t* device_register(uint32_t, base::PhysAddr) { return nullptr; }  // no device sends messages

    // --- ports: a serial port, and one that ends the process (ports.hpp) ---
    uint32_t port_in(uint32_t port, uint32_t width);
    void port_out(uint32_t port, uint32_t width, uint32_t value);

  private:
    hosted::World* world_;
    hosted::CoreThread* thread_;
    base::PhysAddr poke_area_;
    base::PhysAddr space_{0};
};
static_assert(contract::Machine<Machine>);

}  // namespace skerry::platform
