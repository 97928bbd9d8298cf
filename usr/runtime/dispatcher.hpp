// The user half of a dispatcher: takes upcalls and gives the core to the one thread of control (usr/threads
// adds more). The thread runs enabled; upcalls, and what the thread does between disable() and enable(), run
// disabled.
//
//            upcall (disabled, upcall stack)
//   driver ----------------------------------> run / message / page_fault / trap
//      ^                                               | resume: from the save area where it was interrupted,
//      |  wait (disabled)                              v         or from its own stack if it blocked
//      +----------------- thread <---------------------+
//
// A wakeup is never lost: wait returns at once if a poke or message came since the last upcall, and every
// upcall counts one event; a thread blocks only if none came since it last looked.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "capabilities/interface/dispatcher_page.hpp"
#include "platform/user/context.hpp"
#include "urpc/poll.hpp"
#include "usr/runtime/exit.hpp"
#include "usr/runtime/message.hpp"
#include "usr/runtime/slot_allocator.hpp"

namespace skerry::runtime {

// Something to poll while waiting, such as the set of a program's URPC rings.
class Pollable {
  public:
    // Takes what has arrived and handles it; true if there was anything. Called by the thread, enabled.
    virtual bool poll() = 0;
    // Tells the peers to poke from now on; false if something arrived meanwhile (then the thread polls
    // again).
    virtual bool prepare_to_block() = 0;
    virtual void cancel_block() = 0;

  protected:
    ~Pollable() = default;
    // This set is all that poll() polls: it is polled without a call of that.
    void set_all(urpc::PollSet& set) { all_ = &set; }

  private:
    friend class Dispatcher;
    bool turn() { return all_ != nullptr ? all_->poll_all() != 0 : poll(); }
    void may_pause(bool may);  // what is polled may wait in place
    urpc::PollSet* all_ = nullptr;
};

class Dispatcher {
  public:
    using MessageHandler = void (*)(void* context,
                                    const Message& message);  // in the upcall: brief, no waiting
    // Whether the fault is repaired. Runs enabled on a stack of its own and may wait; must not fault itself.
    using FaultHandler = bool (*)(void* context, uint64_t address, uint64_t access);
    // Serves a foreign system call by changing its registers. In the upcall.
    using SystemCallHandler = void (*)(void* context, platform::Registers& registers);
    // Whether the program goes on after an exception of the processor (not a page fault), with what the
    // handler has made of its registers. In the upcall. Numbers and codes are the processor's.
    using ExceptionHandler = bool (*)(void* context, uint32_t number, uint64_t code, platform::Registers& registers);

    // Takes over the page: entries, critical range, upcall stack. Once, disabled, in the first upcall.
    void attach(capabilities::DispatcherPage* page, uint64_t stack_base);
    capabilities::DispatcherPage& page() { return *page_; }
    bool attached() const { return page_ != nullptr; }
    // What KernelOperation::watch counts; the driver writes it while this program does not run.
    uint64_t changes() const { return *static_cast<const volatile uint64_t*>(&page_->changes); }

    // --- time, in ns of this core's monotonic clock ---
    uint64_t now() const;
    void sleep_until(uint64_t deadline) {
        (void)wait_until([] { return false; }, deadline).ok();
    }

    // --- waiting ---
    // Returns when `condition()` holds, or `timed_out` at the deadline (ns; 0 = none). Polls the Pollables
    // for poll_time first, if there are any, then blocks. The condition is called enabled and may take
    // messages.
    template <typename Condition>
    Status wait_until(Condition&& condition, uint64_t deadline = 0);
    // The price of blocking and being poked, in ns, so that polling at most doubles a wait (QEMU.md: 9 k to
    // 45 k cycles). 0 = block at once.
    void set_poll_time(uint64_t ns);
    Status add(Pollable& pollable);  // `full`: at most four
    void remove(Pollable& pollable);

    // --- messages ---
    // The handler gets this token's messages instead of the inbox, and first those that lie there. In the upcall, or
    // disabled: brief, no waiting. `full`: at most eight.
    Status on_message(uint64_t token, MessageHandler handler, void* context);
    // Takes the first message of the inbox that `wanted(message)` accepts.
    template <typename Wanted>
    bool take(Wanted&& wanted, Message& out);
    // Slots for capabilities that come with messages, filled up when a message is taken. What comes while none is ready
    // arrives without its capability, so there is one for all that senders who keep to their protocols have under way:
    // the monitor two for each offer (urpc::monitor::offers_at_once) and two for an own bind, the memory service one for
    // the thread and one for its fault. null: none are received from now on.
    static constexpr uint32_t receive_slots = 16;
    void receive_capabilities(SlotAllocator* slots);
    uint64_t dropped_messages() const { return inbox_.dropped(); }

    // --- faults ---
    void on_fault(FaultHandler handler, void* context) { fault_handler_ = {handler, context}; }
    void on_system_call(SystemCallHandler handler, void* context) { system_call_handler_ = {handler, context}; }
    void on_exception(ExceptionHandler handler, void* context) { exception_handler_ = {handler, context}; }
    // Of the thread whose fault is being handled, within a FaultHandler: what it continues with if that says
    // so.
    platform::Registers& faulted_registers() { return fault_area_.registers; }

    // Between these no upcall comes. Keep it short; a fault in between ends the domain.
    void disable();
    void enable();

    // Tells the monitor and stops this dispatcher for good.
    [[noreturn]] void end(const ExitMessage& message);
    [[noreturn]] void exit(uint32_t status) { end(ExitMessage{.status = status}); }

    // --- upcalls (from the platform's entries) ---
    [[noreturn]] void upcall_run();
    [[noreturn]] void upcall_message(Message& message);  // upcalls.cpp alone
    void store(Message& message);                        // into the inbox; disabled
    [[noreturn]] void upcall_page_fault(uint64_t address, uint64_t access);
    [[noreturn]] void upcall_trap(uint64_t kind, uint64_t word);

  private:
    template <typename Function>
    struct Bound {
        Function function = nullptr;
        void* context = nullptr;
    };
    struct TokenHandler {
        uint64_t token = 0;
        Bound<MessageHandler> handler;
    };

    bool poll_once();  // true if anything came
    [[gnu::noinline]] bool poll_several();
    // After a turn that brought nothing: polls, for as long as that is worth while, then blocks. True when something came;
    // false when something may have changed. `polls_until`: kept from one to the next while nothing comes, so that upcalls
    // do not prolong it.
    static constexpr uint64_t polls_not_yet = 0, polls_no_more = 1;
    bool await_something(uint64_t seen, uint64_t deadline, uint64_t& polls_until);
    void block(uint64_t seen, uint64_t deadline);
    void refill_receive_slots();
    CapRef received_slot(const Message& message);
    CapRef take_received_slot();
    [[noreturn]] void resume(uint64_t area_offset);
    platform::SaveArea& area(uint64_t offset);
    static void handle_fault(void* self);
    [[noreturn]] void end_by_fault(uint64_t instruction);

    capabilities::DispatcherPage* page_ = nullptr;
    std::atomic<uint64_t> events_{0};  // upcalls; written in upcalls, read by the thread (same core: relaxed)
    uint64_t saved_stack_ = 0;         // of the thread, if it blocked
    bool blocked_ = false;
    bool masked_ = false;  // the inbox is full: the thread runs disabled until it has taken a message
    uint64_t stack_base_ = 0;
    uint64_t poll_time_ = 20'000;
    Inbox inbox_;
    static constexpr uint32_t most_pollables = 4;
    std::array<Pollable*, most_pollables + 1> pollables_{};  // null after the last
    std::array<TokenHandler, 8> token_handlers_{};
    SlotAllocator* slots_ = nullptr;
    std::array<CapRef, receive_slots - 1> ready_slots_{};  // the page's receive slot is one more
    uint32_t ready_count_ = 0;
    Bound<FaultHandler> fault_handler_;
    Bound<SystemCallHandler> system_call_handler_;
    Bound<ExceptionHandler> exception_handler_;
    bool in_fault_ = false;
    uint64_t fault_address_ = 0, fault_access_ = 0;
    platform::SaveArea fault_area_{};  // the thread, while its fault is handled
};

// The condition is asked after each turn in which something came, and after one in which nothing did.
template <typename Condition>
Status Dispatcher::wait_until(Condition&& condition, uint64_t deadline) {
    uint64_t polls_until = polls_not_yet;
    for (bool progress = false;;) {
        uint64_t seen = events_.load(std::memory_order_relaxed);
        std::atomic_signal_fence(std::memory_order_seq_cst);  // upcalls interrupt this thread like signals
        if (!progress) progress = poll_once();
        if (condition()) return {};
        if (deadline != 0 && now() >= deadline) return Error::timed_out;
        if (!progress) {
            progress = await_something(seen, deadline, polls_until);
            continue;
        }
        // What came may well be followed by more, but hardly at once: most of it was answered just now.
        polls_until = polls_not_yet;
        platform::pause();
        progress = false;
    }
}

template <typename Wanted>
bool Dispatcher::take(Wanted&& wanted, Message& out) {
    disable();
    bool found = inbox_.take(wanted, out);
    if (found) masked_ = false;
    enable();
    if (found && ready_count_ < ready_slots_.size()) refill_receive_slots();
    return found;
}

}  // namespace skerry::runtime
