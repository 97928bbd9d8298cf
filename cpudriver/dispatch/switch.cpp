// Changing dispatchers: saving the live registers where the program can find them, resuming or upcalling the next.
#include <algorithm>
#include <cstring>

#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

namespace {
constexpr uint64_t reap_pause = 20'000;  // ns between two steps, in which interrupts are served
}

// The live registers go to the disabled area, which the driver itself resumes, or to the enabled area, which the
// program resumes from its next `run` upcall.
void Core::save_current() {
    SKERRY_ASSERT(current_ != nullptr && current_->page != nullptr);
    Dispatcher& dispatcher = *current_;
    dispatcher.saved_disabled = live_disabled(dispatcher);
    std::byte* area = dispatcher.area(dispatcher.saved_disabled ? disabled_area_offset : enabled_area_offset);
    std::memcpy(area, &live_, sizeof live_);
    machine_.save_extended(area + extended_state_offset);
}

// The time since the last look goes to whose slice it is: usually the running dispatcher's own, after a straight
// send the sender's (who asks, pays).
void Core::charge() {
    if (payer_ != nullptr) return charge_to(*payer_);
    slice_start_ = now();
}

void Core::charge_to(Schedulable& payer) {
    uint64_t time = now();
    if (time > slice_start_) scheduler_.charge(payer, time - slice_start_, time);
    slice_start_ = time;
}

// While somebody runs, a timer that stands earlier than it need is left there: it fires once, and is then set to what
// holds by that time. That is cheaper than to set it anew at each switch. An idle core's stands exactly.
void Core::arm_timer(bool idle) {
    uint64_t slice_end = scheduler_.timer_deadline(now());
    uint64_t deadline = std::min(slice_end, wakes_.next());
    if (idle ? armed_ != deadline : armed_ > deadline) {
        armed_ = deadline;
        if (deadline == never) {
            machine_.disarm();
        } else {
            machine_.arm(machine_time(deadline));
        }
    }
    if (slice_end != never) slice_armed_ = armed_;
}

// Who lends its slice was perhaps alone, and no timer stands for it: the loan ends after a slice.
void Core::bound_slice() {
    slice_armed_ = std::min(armed_, now() + slice);
    if (armed_ == slice_armed_) return;
    armed_ = slice_armed_;
    machine_.arm(machine_time(armed_));
}

void Core::expire_wakes() {
    uint64_t time = now();
    while (Schedulable* task = wakes_.expire(time)) wake(Dispatcher::of(*task));
}

void Core::make_runnable(Dispatcher& dispatcher) {
    SKERRY_ASSERT(dispatcher.state == DispatcherState::blocked || dispatcher.state == DispatcherState::stopped);
    wakes_.remove(dispatcher.schedule);
    dispatcher.state = DispatcherState::runnable;
    woken_ = true;
    scheduler_.make_ready(dispatcher.schedule, now());
}

// Who runs on another's slice becomes ready in its own right.
void Core::end_borrowing() {
    if (current_ == nullptr || payer_ == &current_->schedule) return;
    charge();
    payer_ = &current_->schedule;
    scheduler_.make_ready(*payer_, now());
}

// Takes a dispatcher out of the run; its registers, if live, are forgotten.
void Core::stop_running(Dispatcher& dispatcher, DispatcherState state) {
    SKERRY_ASSERT(dispatcher.runnable() || dispatcher.state == DispatcherState::blocked);
    charge();
    if (&dispatcher == current_) {
        current_ = nullptr;
        payer_ = nullptr;
    } else if (payer_ == &dispatcher.schedule) {
        end_borrowing();
    }
    if (dispatcher.runnable()) scheduler_.block(dispatcher.schedule, now());
    wakes_.remove(dispatcher.schedule);
    dispatcher.state = state;
}

void Core::wake(Dispatcher& dispatcher) {
    dispatcher.poked = true;
    if (dispatcher.state == DispatcherState::blocked) make_runnable(dispatcher);
}

Exit Core::reschedule() {
    expire_wakes();
    charge();
    end_borrowing();
    Schedulable* next = scheduler_.pick(now());
    if (next == nullptr) {
        if (current_ != nullptr) {
            // It has used its reservation up, and nobody else wants the core: it goes on in its next period.
            save_current();
            current_->state = DispatcherState::runnable;
            current_ = nullptr;
            payer_ = nullptr;
        }
        arm_timer(true);
        // What deleters left is taken apart while nobody wants the core, a step a look.
        if (capabilities_.reap().error() == Error::again) machine_.arm(machine_.now() + reap_pause), armed_ = 0;
        idle_since_ = now();
        note(TraceKind::idle, 0);
        return Exit::idle;
    }
    return enter(Dispatcher::of(*next));
}

Exit Core::enter(Dispatcher& next) {
    SKERRY_ASSERT(next.runnable());
    arm_timer();
    if (&next == current_) {
        bool news = next.poked || message_due(next);
        if (!news || live_disabled(next)) return Exit::full;
        save_current();
        return upcall(next);
    }
    if (current_ != nullptr) {
        save_current();
        current_->state = DispatcherState::runnable;
    }
    current_ = &next;
    payer_ = &next.schedule;
    next.state = DispatcherState::running;
    next.shared().clock_offset = clock_offset_;
    statistics_.switches++;
    note(TraceKind::switch_to, next.domain.value);
    switch_space(next);
    return next.saved_disabled ? resume_disabled(next) : upcall(next);
}

Exit Core::resume_disabled(Dispatcher& dispatcher) {
    dispatcher.saved_disabled = false;
    const std::byte* area = dispatcher.area(disabled_area_offset);
    std::memcpy(&live_, area, sizeof live_);
    // Both checks are of a private copy or by a faulting instruction: another core may be writing to the page.
    if (!live_.sanitize() || !machine_.restore_extended(area + extended_state_offset)) {
        end(dispatcher, FaultKind::bad_state, 0, live_.instruction().value, 0);
        return reschedule();
    }
    return Exit::full;
}

// A program that is not ready for messages yet names no entry for them: they wait in their queues.
bool Core::message_due(Dispatcher& dispatcher) {
    return !dispatcher.ready.empty() && dispatcher.shared().entry[static_cast<uint32_t>(Upcall::message)] != 0;
}

// Upcalls a dispatcher that is not disabled: its oldest message, else `run`.
Exit Core::upcall(Dispatcher& dispatcher) {
    machine_.clear_extended();
    if (message_due(dispatcher)) {
        EndpointObject* endpoint = dispatcher.ready.front();
        if (start_upcall(dispatcher, Upcall::message, 0, 0, 0)) {
            deliver_oldest(dispatcher, *endpoint);
            return Exit::fast;
        }
    } else if (start_upcall(dispatcher, Upcall::run, dispatcher.poked ? 1 : 0, 0, 0)) {
        dispatcher.poked = false;
        live_.clear_message_words();
        return Exit::fast;
    }
    end(dispatcher, FaultKind::no_entry, 0, 0, 0);
    return reschedule();
}

// False if the page names no usable entry.
bool Core::start_upcall(Dispatcher& dispatcher, Upcall which, uint64_t a, uint64_t b, uint64_t c) {
    DispatcherPage& page = dispatcher.shared();
    page.disabled = 1;
    page.upcalls++;
    uint64_t entry = page.entry[static_cast<uint32_t>(which)];
    if (entry == 0) return false;
    live_.enter_upcall(base::VirtAddr{entry}, base::VirtAddr{page.upcall_stack}, dispatcher.page_address, a, b, c);
    return live_.sanitize();
}

}  // namespace skerry::cpudriver
