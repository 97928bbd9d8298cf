// Upcalls: what happens when the CPU driver enters the program. All disabled, on the upcall stack, none
// returns.
#include "platform/user/context.hpp"
#include "usr/runtime/capability.hpp"
#include "usr/runtime/dispatcher.hpp"
#include "usr/runtime/machine.hpp"
#include "usr/runtime/program.hpp"

namespace skerry::runtime {

using capabilities::TrapKind;

platform::SaveArea& Dispatcher::area(uint64_t offset) {
    return *reinterpret_cast<platform::SaveArea*>(reinterpret_cast<std::byte*>(page_) + offset);
}

// Gives the core back to the thread: from its own stack if it had blocked, else from the save area.
void Dispatcher::resume(uint64_t area_offset) {
    std::atomic_signal_fence(std::memory_order_seq_cst);
    if (blocked_) {
        blocked_ = false;
        skerry_resume_stack(saved_stack_, masked_);
    }
    skerry_resume_full(&area(area_offset), masked_);
}

void Dispatcher::upcall_run() {
    events_.store(events_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    resume(capabilities::enabled_area_offset);
}

// Where the message's capability lies; the next one goes to another slot.
CapRef Dispatcher::take_received_slot() {
    CapRef slot{page_->receive_slot};
    page_->receive_slot = ready_count_ != 0 ? ready_slots_[--ready_count_].word : 0;
    return slot;
}

inline CapRef Dispatcher::received_slot(const Message& message) {
    return (message.header.word & capabilities::SendHeader::cap_received) == 0 ? CapRef{} : take_received_slot();
}

// Inlined, as its parts are: this is on the way of every message.
[[gnu::always_inline]] inline void Dispatcher::upcall_message(Message& message) {
    events_.store(events_.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
    for (TokenHandler& entry : token_handlers_) {
        if (entry.handler.function == nullptr || entry.token != message.token) continue;
        message.cap = received_slot(message);
        entry.handler.function(entry.handler.context, message);
        resume(capabilities::enabled_area_offset);
    }
    message.cap = received_slot(message);
    store(message);
    resume(capabilities::enabled_area_offset);
}

void Dispatcher::upcall_page_fault(uint64_t address, uint64_t access) {
    const platform::SaveArea& state = area(capabilities::trap_area_offset);
    if (!in_fault_ && fault_handler_.function != nullptr) {
        fault_area_ = state;
        fault_address_ = address;
        fault_access_ = access;
        in_fault_ = true;
        skerry_enter(reinterpret_cast<void*>(platform::fault_stack_top()), &handle_fault, this);
    }
    fault_address_ = address;
    fault_access_ = access;
    end_by_fault(state.registers.instruction().value);
}

// On the fault stack, enabled: may ask the memory service and wait.
void Dispatcher::handle_fault(void* self) {
    auto& dispatcher = *static_cast<Dispatcher*>(self);
    bool repaired = dispatcher.fault_handler_.function(dispatcher.fault_handler_.context, dispatcher.fault_address_,
                                                       dispatcher.fault_access_);
    dispatcher.disable();
    if (!repaired) dispatcher.end_by_fault(dispatcher.fault_area_.registers.instruction().value);
    dispatcher.in_fault_ = false;
    skerry_resume_full(&dispatcher.fault_area_, dispatcher.masked_);
}

void Dispatcher::end_by_fault(uint64_t instruction) {
    constexpr uint64_t guard = 64 * 1024;  // a large frame may step over the first page below the stack
    bool overflow = fault_address_ < stack_base_ && fault_address_ + guard >= stack_base_;
    end(ExitMessage{.status = fault_status,
                    .access = static_cast<uint32_t>(fault_access_),
                    .reason = overflow ? ExitReason::stack_overflow : ExitReason::page_fault,
                    .detail = {fault_address_, instruction}});
}

void Dispatcher::upcall_trap(uint64_t kind, uint64_t word) {
    platform::SaveArea& state = area(capabilities::trap_area_offset);
    uint64_t instruction = state.registers.instruction().value;
    if (static_cast<TrapKind>(kind >> 32) != TrapKind::system_call) {
        auto [handler, context] = exception_handler_;
        if (handler != nullptr && handler(context, static_cast<uint32_t>(kind), word, state.registers)) {
            skerry_resume_full(&state, masked_);
        }
        end(ExitMessage{.status = fault_status,
                        .reason = ExitReason::exception,
                        .detail = {kind << 32 | (word & 0xffff'ffff), instruction}});
    }
    if (system_call_handler_.function == nullptr) {
        end(ExitMessage{.status = fault_status,
                        .reason = ExitReason::system_call,
                        .detail = {state.registers.call_number(), instruction}});
    }
    system_call_handler_.function(system_call_handler_.context, state.registers);
    skerry_resume_full(&state, masked_);
}

}  // namespace skerry::runtime

using skerry::runtime::program;

extern "C" {
[[noreturn]] void skerry_upcall_run(uint64_t) {
    program().dispatcher.upcall_run();
}
[[noreturn]] void skerry_upcall_message(skerry::runtime::Message* message) {
    program().dispatcher.upcall_message(*message);
}
[[noreturn]] void skerry_upcall_page_fault(uint64_t address, uint64_t access) {
    program().dispatcher.upcall_page_fault(address, access);
}
[[noreturn]] void skerry_upcall_trap(uint64_t kind, uint64_t word) {
    program().dispatcher.upcall_trap(kind, word);
}
}
