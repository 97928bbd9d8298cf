#include "cpudriver/core.hpp"

#include <bit>

namespace skerry::cpudriver {

using namespace capabilities;

Core::Core(platform::Machine& machine, platform::Registers& live)
    : machine_(machine), live_(live), capabilities_(*this, platform::PageTable::levels) {}

[[gnu::hot]] Exit Core::system_call() {
    SKERRY_ASSERT(current_ != nullptr);
    statistics_.system_calls++;
    if (SystemCall{live_.call_number()} == SystemCall::send) return send();
    woken_ = false;
    return give_way(serve_system_call());
}

// Whoever was woken by a system call may have the earlier deadline.
Exit Core::give_way(Exit exit) {
    return woken_ && exit != Exit::idle ? reschedule() : exit;
}

Exit Core::serve_system_call() {
    switch (SystemCall{live_.call_number()}) {
        case SystemCall::invoke:
            return invoke();
        case SystemCall::nop:
            live_.set_error(static_cast<uint64_t>(Error::none));
            return Exit::fast;
        case SystemCall::yield:
            live_.set_error(static_cast<uint64_t>(Error::none));
            charge();
            end_borrowing();
            scheduler_.yield(current_->schedule, now());
            return reschedule();
        case SystemCall::wait:
            break;
        default:
            if ((live_.call_number() & own_call_bit) == 0) {
                return fault_current(Upcall::trap, uint64_t{static_cast<uint32_t>(TrapKind::system_call)} << 32,
                                     live_.call_number(), FaultKind::system_call);
            }
            live_.set_error(static_cast<uint64_t>(Error::unsupported));
            return Exit::fast;
    }
    // wait: the answer is the next upcall.
    Dispatcher& dispatcher = *current_;
    uint64_t deadline = live_.argument(0);
    if (!live_disabled(dispatcher)) {
        live_.set_error(static_cast<uint64_t>(Error::none));
        save_current();
    }
    if (dispatcher.poked || message_due(dispatcher)) return upcall(dispatcher);
    stop_running(dispatcher, DispatcherState::blocked);
    if (deadline != 0 && deadline != never) wakes_.insert(dispatcher.schedule, deadline);
    return reschedule();
}

Exit Core::page_fault(uint64_t address, uint64_t access) {
    note(TraceKind::page_fault, address);
    return fault_current(Upcall::page_fault, address, access, FaultKind::page_fault);
}

Exit Core::exception(uint32_t number, uint64_t code) {
    note(TraceKind::exception, number);
    return fault_current(Upcall::trap, uint64_t{static_cast<uint32_t>(TrapKind::exception)} << 32 | number, code,
                         FaultKind::exception);
}

void Core::idle_ended() {
    uint64_t time = now();
    statistics_.idle_ns += time - idle_since_;
    slice_start_ = time;
}

Exit Core::timer_interrupt() {
    interrupted();
    armed_ = never;
    note(TraceKind::timer, 0);
    return reschedule();
}

// Pokes from other cores: a bit a dispatcher in this core's words. The sender sets the bit (release), then interrupts if it
// was clear; the exchange (acquire) takes all that came before, and a later bit brings another interrupt: none is lost. A
// request in a FlushLine has no bit, which would be two more lines that change hands: all are looked at, and those where
// nothing is new are this core's still.
Exit Core::poke_interrupt() {
    interrupted();
    bool anybody = take_pokes();
    serve_flushes();
    // Where lines were served only, whoever ran goes on: nothing has changed for the scheduler.
    return anybody || current_ == nullptr ? reschedule() : Exit::full;
}

bool Core::take_pokes() {
    std::atomic<uint64_t>* words = machine_.poke_words(id_.value);
    bool anybody = false;
    for (uint32_t i = 0; i < notifies_per_core / 64; i++) {
        if (words[i].load(std::memory_order_relaxed) == 0) continue;
        uint64_t bits = words[i].exchange(0, std::memory_order_acquire);
        for (; bits != 0; bits &= bits - 1) {
            uint32_t index = i * 64 + static_cast<uint32_t>(std::countr_zero(bits));
            note(TraceKind::poke, index);
            if (notify_[index] == nullptr) continue;
            wake(*notify_[index]);
            anybody = true;
        }
    }
    return anybody;
}

}  // namespace skerry::cpudriver
