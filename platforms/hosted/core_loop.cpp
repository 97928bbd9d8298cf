// A core's life: it boots its driver, and runs it between the traps of its programs (core_traps.cpp), whatever carries it
// (core_thread.cpp).
#include "platforms/hosted/core_thread.hpp"

#include <bit>
#include <new>

#include "platforms/hosted/programs.hpp"
#include "platforms/hosted/world.hpp"

namespace skerry::hosted {

using capabilities::BootRecord;
using cpudriver::Exit;
using platform::Registers;

namespace {

// The driver's objects, in the image behind the record that its starter wrote.
struct DriverState {
    static constexpr uint64_t offset = 4096;
    alignas(64) std::byte machine[sizeof(platform::Machine)];
    alignas(64) Registers live;
    alignas(64) std::byte core[sizeof(cpudriver::Core)];
};
static_assert(sizeof(BootRecord) <= DriverState::offset);

}  // namespace

uint64_t driver_image_bytes() {
    return base::round_up(DriverState::offset + sizeof(DriverState), base::page_size);
}

void CoreThread::run(uint64_t image) {
    auto& record = *reinterpret_cast<BootRecord*>(world_.memory() + image);
    world_.set_owner(image, record.image_size, hardware_);
    for (uint32_t i = 0; i < record.ram_count; ++i) world_.set_owner(record.ram[i].base, record.ram[i].size, hardware_);
    auto* state = new (world_.memory() + image + DriverState::offset) DriverState;
    machine_ = new (state->machine) platform::Machine(world_, *this, base::PhysAddr{record.poke_area});
    live_ = &state->live;
    core_ = new (state->core) cpudriver::Core(*machine_, *live_);
    const char* reason = "";
    if (!core_->boot(record, reason).ok()) {
        world_.panic(hardware_, reason);
    }
    Exit exit = core_->reschedule();
    for (;;) {
        exit = take_interrupts(exit);
        if ((pending_.load(std::memory_order_relaxed) & stop_bit) != 0) return;
        if (exit != Exit::idle) {
            exit = run_program();
        } else {
            sleep();
        }
    }
}

Exit CoreThread::take_interrupts(Exit exit) {
    for (;;) {
        if (take_deadline()) {
            interrupted();
            exit = core_->timer_interrupt();
        }
        uint32_t bits = pending_.load(std::memory_order_relaxed);
        if ((bits & stop_bit) != 0 || bits == 0) return exit;
        interrupted();
        bits = take_pending();
        if ((bits & stop_bit) != 0) pending_.fetch_or(stop_bit, std::memory_order_relaxed);
        if ((bits & poke_bit) != 0) exit = core_->poke_interrupt();
        if ((bits & device_bit) != 0) exit = take_devices(exit);
    }
}

Exit CoreThread::take_devices(Exit exit) {
    for (uint32_t i = 0; i < std::size(devices_); ++i) {
        uint64_t bits = devices_[i].exchange(0, std::memory_order_acquire);
        for (; bits != 0; bits &= bits - 1) {
            exit = core_->device_interrupt(i * 64 + static_cast<uint32_t>(std::countr_zero(bits)));
        }
    }
    return exit;
}

Exit CoreThread::run_program() {
    const Trap& trap = visit_program();
    switch (trap.kind) {
        case TrapKind::system_call:
            return core_->system_call();
        case TrapKind::page_fault:
            return core_->page_fault(trap.target, trap.second);
        case TrapKind::exception:
            return core_->exception(static_cast<uint32_t>(trap.target), trap.second);
        case TrapKind::interrupt:
            break;
    }
    return Exit::full;  // the loop takes what is pending
}

}  // namespace skerry::hosted
