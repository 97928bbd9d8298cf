#include "usr/runtime/dispatcher.hpp"

#include "platform/user/mark.hpp"
#include "urpc/protocols/monitor.hpp"
#include "usr/runtime/capability.hpp"
#include "usr/runtime/machine.hpp"

#include <algorithm>

namespace skerry::runtime {

using capabilities::DispatcherPage;

void Dispatcher::attach(DispatcherPage* page, uint64_t stack_base) {
    SKERRY_ASSERT(page != nullptr && page_ == nullptr);
    page_ = page;
    stack_base_ = stack_base;
    auto address = [](auto* p) { return reinterpret_cast<uint64_t>(p); };
    page->critical_start = address(skerry_critical_start);
    page->critical_end = address(skerry_critical_end);
    page->entry[static_cast<uint32_t>(capabilities::Upcall::run)] = address(&skerry_entry_run);
    page->entry[static_cast<uint32_t>(capabilities::Upcall::page_fault)] = address(&skerry_entry_page_fault);
    // Messages wait in the driver until there are slots for what may come with them (receive_capabilities).
    page->entry[static_cast<uint32_t>(capabilities::Upcall::message)] = 0;
    page->entry[static_cast<uint32_t>(capabilities::Upcall::trap)] = address(&skerry_entry_trap);
    page->upcall_stack = platform::upcall_stack_top();
    page->receive_slot = 0;
}

uint64_t Dispatcher::now() const {
    using Wide = unsigned __int128;
    auto scaled = static_cast<uint64_t>(static_cast<Wide>(platform::read_cycle_counter()) *
                                            static_cast<volatile DispatcherPage*>(page_)->clock_multiplier >>
                                        32);
    return scaled + static_cast<uint64_t>(static_cast<volatile DispatcherPage*>(page_)->clock_offset);
}

void Dispatcher::disable() {
    static_cast<volatile DispatcherPage*>(page_)->disabled = 1;
    std::atomic_signal_fence(std::memory_order_seq_cst);
}

void Dispatcher::enable() {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    static_cast<volatile DispatcherPage*>(page_)->disabled = masked_ ? 1 : 0;
}

Status Dispatcher::add(Pollable& pollable) {
    for (uint32_t i = 0; i < most_pollables; ++i) {
        if (pollables_[i] != nullptr) continue;
        pollables_[i] = &pollable;
        pollable.may_pause(poll_time_ != 0);
        return {};
    }
    return Error::full;
}

void Pollable::may_pause(bool may) {
    constexpr auto pause = [] { platform::pause(); };
    if (all_ != nullptr) all_->ready().set_pause(may ? pause : urpc::ReadyQueue::Pause{});
}

void Dispatcher::set_poll_time(uint64_t ns) {
    poll_time_ = ns;
    for (Pollable** place = pollables_.data(); *place != nullptr; ++place) (*place)->may_pause(ns != 0);
}

void Dispatcher::remove(Pollable& pollable) {
    auto left = std::remove(pollables_.begin(), pollables_.end(), &pollable);
    std::fill(left, pollables_.end(), nullptr);
}

// Flat: this is on every message's way. Most programs have one thing to poll.
[[gnu::flatten]] bool Dispatcher::poll_once() {
    if (pollables_[0] != nullptr && pollables_[1] == nullptr) [[likely]]
        return pollables_[0]->turn();
    return poll_several();
}

bool Dispatcher::poll_several() {
    bool progress = false;
    for (Pollable** place = pollables_.data(); *place != nullptr; ++place) {
        if ((*place)->turn()) progress = true;
    }
    return progress;
}

// Without pollables nothing can come by polling: same-core peers need this core.
bool Dispatcher::await_something(uint64_t seen, uint64_t deadline, uint64_t& polls_until) {
    // The clock costs more than a turn: it is read in the second, and once in so many. Most messages come before.
    constexpr uint32_t first_look = 2, turns_a_look = 4;
    if (poll_time_ == 0 || pollables_[0] == nullptr) polls_until = polls_no_more;
    for (uint32_t turn = 1; polls_until != polls_no_more; ++turn) {
        platform::pause();
        platform::mark<platform::Mark::look>();
        if (poll_once()) {
            platform::mark<platform::Mark::found>();
            return true;
        }
        if (events_.load(std::memory_order_relaxed) != seen) return false;
        if (turn % turns_a_look != 0 && turn != first_look) [[likely]]
            continue;
        uint64_t time = now();
        if (polls_until == polls_not_yet) polls_until = time + poll_time_;
        if (time >= polls_until || (deadline != 0 && time >= deadline)) polls_until = polls_no_more;
    }
    block(seen, deadline);
    return false;
}

// Gives up the core unless something came since `seen` was read.
void Dispatcher::block(uint64_t seen, uint64_t deadline) {
    bool quiet = true;
    for (Pollable* pollable : pollables_) {
        if (pollable != nullptr && !pollable->prepare_to_block()) quiet = false;
    }
    if (quiet) {
        disable();
        if (events_.load(std::memory_order_relaxed) == seen) {
            blocked_ = true;
            skerry_switch_out(&saved_stack_, deadline);  // comes back enabled
            std::atomic_signal_fence(std::memory_order_seq_cst);
        } else {
            enable();
        }
    }
    for (Pollable* pollable : pollables_) {
        if (pollable != nullptr) pollable->cancel_block();
    }
}

Status Dispatcher::on_message(uint64_t token, MessageHandler handler, void* context) {
    for (TokenHandler& entry : token_handlers_) {
        if (entry.handler.function != nullptr && entry.token != token) continue;
        disable();
        entry = {token, {handler, context}};
        // Those that came before are its own, too: who sent them waits for an answer.
        auto earlier = [&](const Message& message) { return message.token == token; };
        for (Message message; inbox_.take(earlier, message);) {
            masked_ = false;
            handler(context, message);
        }
        enable();
        return {};
    }
    return Error::full;
}

void Dispatcher::receive_capabilities(SlotAllocator* slots) {
    slots_ = slots;
    if (slots_ != nullptr) refill_receive_slots();
    page_->entry[static_cast<uint32_t>(capabilities::Upcall::message)] =
        reinterpret_cast<uint64_t>(&skerry_entry_message);
}

static_assert(Dispatcher::receive_slots >= 2 * urpc::monitor::offers_at_once + 2 + 2);

void Dispatcher::refill_receive_slots() {
    while (slots_ != nullptr && (ready_count_ < ready_slots_.size() || page_->receive_slot == 0)) {
        Result<CapRef> slot = slots_->allocate();
        if (!slot.ok()) return;
        disable();
        bool placed = true;
        if (page_->receive_slot == 0) {
            page_->receive_slot = slot->word;
        } else if (ready_count_ < ready_slots_.size()) {
            ready_slots_[ready_count_++] = *slot;
        } else {
            placed = false;  // to find a slot took a message with memory, whose receipt has filled all places
        }
        enable();
        if (!placed) slots_->release(*slot);
    }
}

void Dispatcher::store(Message& message) {
    if (inbox_.put(message) != Inbox::Put::stored && !message.cap.null()) {
        // A dropped message's capability goes, too, and its slot is ready again: one of the places is free,
        // since a slot has left them for each message with a capability.
        if (CNodeCap{}.remove(message.cap).ok()) {
            if (page_->receive_slot == 0) {
                page_->receive_slot = message.cap.word;
            } else if (ready_count_ < ready_slots_.size()) {
                ready_slots_[ready_count_++] = message.cap;
            }
        }
    }
    // Further messages wait in the endpoint, where their senders see `full`, until the thread has taken some.
    masked_ = inbox_.nearly_full();
}

void Dispatcher::end(const ExitMessage& message) {
    page_->disabled = 1;
    ExitWords words = encode(message);
    uint64_t raw[10];
    for (uint32_t i = 0; i < 10; ++i) raw[i] = words[i];
    constexpr uint32_t patience = 1000;  // yields; a monitor that takes no message in all that time is gone
    for (uint32_t i = 0; i < patience; ++i) {
        Status sent = send(capabilities::well_known::monitor_endpoint, capabilities::SendHeader::words(10), raw);
        if (sent.ok()) (void)DispatcherCap{}.stop().ok();
        if (sent.error() != Error::full) break;
        yield();
    }
    platform::stop_here();  // nobody heard: a fault while disabled is told to the parent by the driver
}

}  // namespace skerry::runtime
