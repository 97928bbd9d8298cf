// A core's way out to its programs and in again, and the interrupts that wait for it.
#include <algorithm>

#include "platforms/hosted/core_thread.hpp"
#include "platforms/hosted/programs.hpp"
#include "platforms/hosted/world.hpp"

namespace skerry::hosted {

using platform::Registers;

// --- interrupts ---

void CoreThread::raise_device(uint32_t vector) {
    SKERRY_ASSERT(vector < 256);
    devices_[vector / 64].fetch_or(uint64_t{1} << vector % 64, std::memory_order_release);
    raise(device_bit);
}

bool CoreThread::interrupt_pending() {
    return pending_.load(std::memory_order_relaxed) != 0 || clock_ns() >= deadline_;
}

bool CoreThread::take_deadline() {
    if (clock_ns() < deadline_) return false;
    deadline_ = ~uint64_t{0};
    return true;
}

uint32_t CoreThread::take_pending() {
    return pending_.exchange(0, std::memory_order_acquire);
}

bool CoreThread::take_vector(uint32_t vector) {
    uint64_t bit = uint64_t{1} << vector % 64;
    return (devices_[vector / 64].fetch_and(~bit, std::memory_order_acquire) & bit) != 0;
}

// --- on the driver's side ---

const Trap& CoreThread::visit_program() {
    uint64_t context = live_->context;
    if (context == 0) {
        std::byte* top = is_program_entry(live_->ip) ? first_stack_top() : host(live_->stack);
        SKERRY_ASSERT(top != nullptr);
        context = make_context(top, upcall_stack_bytes, &begin_upcall);
    }
    arriving_ = true;
    in_program_ = true;
    boundary(nullptr);
    Arrival arrival = switch_to(context, live_);
    in_program_ = false;
    const Trap& trap = *static_cast<const Trap*>(arrival.data);
    boundary(&trap);
    live_->context = arrival.from;
    live_->ip = trap.ip;
    if (trap.saved_context != nullptr) *trap.saved_context = arrival.from;
    if (trap.kind == TrapKind::system_call) {
        live_->number = trap.number;
        live_->target = trap.target;
        live_->second = trap.second;
        std::copy(std::begin(trap.word), std::end(trap.word), live_->word);
    }
    return trap;
}

// --- on the program's side ---

void CoreThread::arrive(const Arrival& arrival) {
    if (!arriving_) return;
    arriving_ = false;
    driver_ = arrival.from;
}

Registers& CoreThread::trap(Trap& trap) {
    trap.ip = reinterpret_cast<uint64_t>(__builtin_return_address(0));
    return trap_at(trap);
}

Registers& CoreThread::trap_at(Trap& trap) {
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
    return world_.contains(address) ? reinterpret_cast<std::byte*>(address) : walk(address, 0);
}

std::byte* CoreThread::walk(uint64_t address, uint64_t rights) {
    using Format = platform::PageTable;
    if (machine_->space().value == 0 || address >= platform::user_end) return nullptr;
    uint64_t entry = Format::table(machine_->space());
    uint32_t level = Format::levels;
    Translation used{.root = machine_->space().value, .address = address, .entry = {}};
    for (; level >= 1; --level) {
        auto* table = reinterpret_cast<const uint64_t*>(world_.memory() + Format::address(entry).value);
        entry = table[Format::index(base::VirtAddr{address}, level)];
        if (!Format::present(entry)) return nullptr;
        used.entry[level - 1] = entry;
        if (!Format::leads_on(entry)) break;
    }
    if (level == 0 || (entry & rights) != rights) return nullptr;
    if (Translations* watch = world_.translations()) watch->used(hardware_, used);
    uint64_t offset = address & (Format::bytes_per_entry(level) - 1);
    return world_.memory() + Format::address(entry).value + offset;
}

}  // namespace skerry::hosted
