// A core: a flow of control that runs the CPU driver (core_loop.cpp) between the traps of its programs (core_traps.cpp). What carries it is
// a thread of its own (core_thread.cpp), or in a simulated machine a fiber (platforms/simulated/core_fiber.cpp).
//
//   driver loop --switch_to--> program ... system call, pause with an interrupt pending --switch_to--> driver loop
//
// Programs are never interrupted but at a trap: system calls, and pause().
#pragma once

#include <atomic>
#include <memory>

#include "capabilities/interface/boot_record.hpp"
#include "cpudriver/core.hpp"
#include "platforms/hosted/fiber.hpp"

namespace skerry::hosted {

class World;

enum class TrapKind : uint32_t { system_call, interrupt, page_fault, exception };

// What a program hands to its driver. Lies on the program's stack.
struct Trap {
    TrapKind kind = TrapKind::system_call;
    uint64_t number = 0, target = 0, second = 0;
    uint64_t word[10] = {};
    uint64_t ip = 0;
    uint64_t* saved_context = nullptr;  // where the program's context is noted, for switch_out
};

class CoreThread {
  public:
    static constexpr uint32_t poke_bit = 1, device_bit = 2, stop_bit = 4;

    CoreThread(World& world, uint64_t hardware);
    ~CoreThread();

    void start(uint64_t image);     // on a carrier of its own
    void run_here(uint64_t image);  // on the caller's; returns when stopped
    void stop();                    // at its next trap
    void raise(uint32_t bits);      // an interrupt, from any thread
    void raise_device(uint32_t vector);

    bool fenced() const { return (pending_.load(std::memory_order_relaxed) & stop_bit) != 0; }  // INIT has come

    void pend(uint32_t bits) { pending_.fetch_or(bits, std::memory_order_seq_cst); }

    // --- for its own thread ---
    static CoreThread& here();
    static bool anywhere();                    // whether this is a core's thread
    platform::Registers& trap(Trap& trap);     // of a program; returns when it is resumed
    platform::Registers& trap_at(Trap& trap);  // the same, where `trap.ip` says where the program is
    void arrive(const Arrival& arrival);
    bool interrupt_pending();
    void relax();  // somebody polls: others may go first
    void boundary(
        const Trap* trap);  // between driver and program, by this trap (null: back to it); others may go first
    // What a simulated machine charges for: the core takes an interrupt, changes its address space, drops a translation.
    void interrupted();
    void space_changed();
    void translation_dropped();
    void set_deadline(uint64_t ns) { deadline_ = ns; }
    // Out to the program that the live registers mean, and in by its trap: they are then as it left them.
    const Trap& visit_program();
    // Where a user address leads by the current space's tables; null: not mapped, or without these bits of its entry.
    std::byte* walk(uint64_t user_address, uint64_t rights);
    std::byte* host(uint64_t user_address);  // the same; what lies in the machine's memory already is found, too
    // Interrupts that have come, once: the timer's, bits of pend(), a device's.
    bool take_deadline();
    uint32_t take_pending();
    bool take_vector(uint32_t vector);
    void sleep(uint64_t limit = ~uint64_t{0});  // until one comes, or until then, ns
    const platform::Registers& upcall() const { return upcall_; }
    World& world() { return world_; }
    uint64_t hardware() const { return hardware_; }
    bool in_program() const { return in_program_; }
    cpudriver::Core* driver() { return core_; }  // null before it has booted

  private:
    struct Carrier;
    void run(uint64_t image);
    cpudriver::Exit take_interrupts(cpudriver::Exit exit);
    cpudriver::Exit take_devices(cpudriver::Exit exit);
    cpudriver::Exit run_program();
    static void begin_upcall(Arrival arrival);

    World& world_;
    uint64_t hardware_;
    std::unique_ptr<Carrier> carrier_;
    std::atomic<uint32_t> pending_{0};
    std::atomic<uint64_t> devices_[4] = {};  // by vector, while device_bit stands

    platform::Machine* machine_ = nullptr;  // these three lie in the core's image
    platform::Registers* live_ = nullptr;
    cpudriver::Core* core_ = nullptr;
    uint64_t deadline_ = ~uint64_t{0};
    uint64_t driver_ = 0;    // context of the driver's loop while a program runs
    bool arriving_ = false;  // the next arrival comes from the driver
    bool in_program_ = false;
    platform::Registers upcall_{};
};

uint64_t clock_ns();  // the machine's clock

}  // namespace skerry::hosted
