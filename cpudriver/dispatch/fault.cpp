// Faults, exceptions and foreign system calls: an upcall if the dispatcher is enabled, its end if it is not.
#include <cstring>

#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

Exit Core::fault_current(Upcall which, uint64_t a, uint64_t b, FaultKind when_disabled) {
    SKERRY_ASSERT(current_ != nullptr);
    Dispatcher& dispatcher = *current_;
    if (live_disabled(dispatcher)) {
        end(dispatcher, when_disabled, a, live_.instruction().value, b);
        return reschedule();
    }
    std::byte* area = dispatcher.area(trap_area_offset);
    std::memcpy(area, &live_, sizeof live_);
    machine_.save_extended(area + extended_state_offset);
    machine_.clear_extended();
    uint64_t instruction = live_.instruction().value;
    live_.clear_message_words();
    if (!start_upcall(dispatcher, which, a, b, 0)) {
        end(dispatcher, FaultKind::no_entry, a, instruction, b);
        return reschedule();
    }
    return Exit::full;
}

// The dispatcher will not run again; its parent is told.
void Core::end(Dispatcher& dispatcher, FaultKind kind, uint64_t address, uint64_t instruction, uint64_t code) {
    SKERRY_ASSERT(dispatcher.state != DispatcherState::faulted);
    stop_running(dispatcher, DispatcherState::faulted);
    dispatcher.saved_disabled = false;
    dispatcher.fault.kind = kind;
    dispatcher.fault.address = address;
    dispatcher.fault.instruction = instruction;
    dispatcher.fault.code = code;
    dispatcher.fault.reported = false;
    note(TraceKind::fault, static_cast<uint64_t>(kind));
    report_fault(dispatcher);
}

// Puts the fault message into the parent's endpoint; without room or a receiver there, the dispatcher waits its turn
// on the endpoint and the message follows when one has been taken out. Nothing is lost and nothing is allocated.
void Core::report_fault(Dispatcher& dispatcher) {
    PendingFault& fault = dispatcher.fault;
    const Capability& cap = dispatcher.fault_endpoint.cap;
    if (fault.reported || !usable(cap, Type::endpoint, Rights::send)) return;
    auto& endpoint = *EndpointObject::at(pointer(base::PhysAddr{cap.base}));
    if (endpoint.full() || endpoint.receiver == nullptr) {
        endpoint.fault_waiters.push_back(fault);
        return;
    }
    Message& message = endpoint.next_free();
    std::memset(message.words, 0, sizeof message.words);
    message.words[0] = static_cast<uint64_t>(fault.kind);
    message.words[1] = fault.address;
    message.words[2] = fault.instruction;
    message.words[3] = dispatcher.domain.value;
    message.words[4] = fault.code;
    message.header = SendHeader::words(fault_message_words).word;
    message.badge = cap.badge;
    endpoint.count++;
    fault.reported = true;
    if (!endpoint.ready_link.linked()) endpoint.receiver->ready.push_back(endpoint);
    if (endpoint.receiver->state == DispatcherState::blocked) make_runnable(*endpoint.receiver);
}

}  // namespace skerry::cpudriver
