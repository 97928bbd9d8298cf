// A core from its driver's entries to its programs, whatever carries it (core_thread.cpp).
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

void CoreThread::raise_device(uint32_t vector) {
    SKERRY_ASSERT(vector < 256);
    devices_[vector / 64].fetch_or(uint64_t{1} << vector % 64, std::memory_order_release);
    raise(device_bit);
}

bool CoreThread::interrupt_pending() {
    return pending_.load(std::memory_order_relaxed) != 0 || clock_ns() >= deadline_;
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
        if (clock_ns() >= deadline_) {
            deadline_ = ~uint64_t{0};
            exit = core_->timer_interrupt();
        }
        uint32_t bits = pending_.load(std::memory_order_relaxed);
        if ((bits & stop_bit) != 0 || bits == 0) return exit;
        bits = pending_.exchange(0, std::memory_order_acquire);
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
    uint64_t context = live_->context;
    if (context == 0) {
        std::byte* top = is_program_entry(live_->ip) ? first_stack_top() : host(live_->stack);
        SKERRY_ASSERT(top != nullptr);
        context = make_context(top, upcall_stack_bytes, &begin_upcall);
    }
    arriving_ = true;
    in_program_ = true;
    boundary();
    Arrival arrival = switch_to(context, live_);
    in_program_ = false;
    boundary();
    return serve(*static_cast<const Trap*>(arrival.data), arrival.from);
}

Exit CoreThread::serve(const Trap& trap, uint64_t context) {
    live_->context = context;
    live_->ip = trap.ip;
    if (trap.saved_context != nullptr) *trap.saved_context = context;
    switch (trap.kind) {
        case TrapKind::system_call:
            live_->number = trap.number;
            live_->target = trap.target;
            live_->second = trap.second;
            std::copy(std::begin(trap.word), std::end(trap.word), live_->word);
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

// --- on the program's side ---

void CoreThread::arrive(const Arrival& arrival) {
    if (!arriving_) return;
    arriving_ = false;
    driver_ = arrival.from;
}

Registers& CoreThread::trap(Trap& trap) {
    trap.ip = reinterpret_cast<uint64_t>(__builtin_return_address(0));
    Arrival arrival = switch_to(driver_, &trap);
    here().arrive(arrival);
    return *static_cast<Registers*>(arrival.data);
}

void CoreThread::begin_upcall(Arrival arrival) {
    CoreThread& core = here();
    core.arrive(arrival);
    core.upcall_ = *static_cast<Registers*>(arrival.data);
    if (is_program_entry(core.upcall_.ip)) start_program(core.upcall_);
    reinterpret_cast<void (*)()>(core.upcall_.ip)();
    __builtin_trap();  // upcalls do not return
}

std::byte* CoreThread::host(uint64_t address) {
    if (world_.contains(address)) return reinterpret_cast<std::byte*>(address);
    using Format = platform::PageTable;
    uint64_t entry = Format::table(machine_->space());
    if (machine_->space().value == 0) return nullptr;
    uint32_t level = Format::levels;
    for (; level >= 1; --level) {
        auto* table = reinterpret_cast<const uint64_t*>(world_.memory() + Format::address(entry).value);
        entry = table[Format::index(base::VirtAddr{address}, level)];
        if (!Format::present(entry)) return nullptr;
        if (!Format::leads_on(entry)) break;
    }
    if (level == 0) return nullptr;
    uint64_t offset = address & (Format::bytes_per_entry(level) - 1);
    return world_.memory() + Format::address(entry).value + offset;
}

}  // namespace skerry::hosted
