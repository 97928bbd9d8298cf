// LRPC: a same-core message, asynchronous and split-phase. The fast way switches straight to a receiver that waits:
// the words stay in the registers that both sides agree on, and only the sender's instruction and stack pointer,
// flags and extended state are saved.
#include <cstddef>
#include <cstring>

#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

// False if this message must be queued: the receiver is not waiting, or others are before it.
// Inlined: a call's worth of saved registers is a tenth of the way.
[[gnu::always_inline]] inline bool Core::send_straight(EndpointObject& endpoint, uint64_t badge, SendHeader header) {
    Dispatcher* receiver = endpoint.receiver;
    if (receiver == nullptr || receiver->state != DispatcherState::blocked || !receiver->ready.empty()) return false;
    DispatcherPage& page = receiver->shared();
    uint64_t entry = page.entry[static_cast<uint32_t>(Upcall::message)];
    if (entry == 0 || entry >= platform::user_end) return false;
    Dispatcher& sender = *current_;
    SKERRY_ASSERT(endpoint.count == 0 && receiver != &sender);

    // Sender: its message registers are spent by convention, so its area needs four words and the extended state.
    sender.saved_disabled = live_disabled(sender);
    std::byte* area = sender.area(sender.saved_disabled ? disabled_area_offset : enabled_area_offset);
    auto& saved = *reinterpret_cast<platform::Registers*>(area);
    saved.keep_after_send(live_, static_cast<uint64_t>(Error::none));
    machine_.save_extended(area + extended_state_offset);
    // A sender that runs on a borrowed slice itself leaves that slice to the receiver and is ready on its own.
    if (payer_ != &sender.schedule) scheduler_.make_ready(sender.schedule, now());
    sender.state = DispatcherState::runnable;

    // Receiver: it takes over the rest of the slice; the timer stands where it stood.
    if (armed_ != slice_armed_) [[unlikely]]
        bound_slice();
    wakes_.remove(receiver->schedule);
    receiver->state = DispatcherState::running;
    statistics_.fast_messages++;
    note(TraceKind::send_straight, receiver->domain.value);
    current_ = receiver;
    machine_.clear_extended();
    live_.clear_message_words(header.length());
    page.disabled = 1;
    page.clock_offset = clock_offset_;
    page.upcalls++;
    live_.enter_upcall(base::VirtAddr{entry}, base::VirtAddr{page.upcall_stack}, receiver->page_address, endpoint.token,
                       header.length(), badge);
    // Last: the less is touched after it, the fewer translations have to be found anew.
    switch_space(*receiver);
    return true;
}

[[gnu::hot]] Exit Core::send() {
    SKERRY_ASSERT(current_ != nullptr);
    SendHeader header{live_.argument(1)};
    CapRef ref{live_.argument(0)};
    Dispatcher& sender = *current_;
    bool near = sender.first_cnode_epoch == capabilities_.cnode_epoch() && ref.word < second_level_slots;
    std::span<Slot> named = near ? slots_from(sender.first_cnode, ref.index(), Rights::read,
                                              [this](base::PhysAddr address) { return machine_.pointer(address); })
                                 : named_receiver(ref);
    if (named.empty()) return send_queued(nullptr, header);
    Slot& slot = named[0];
    if (usable(slot.cap, Type::endpoint, Rights::send) && header.length() <= message_words && !header.has_cap()) {
        EndpointObject& endpoint = *EndpointObject::at(machine_.pointer(base::PhysAddr{slot.cap.base}));
        if (send_straight(endpoint, slot.cap.badge, header)) return Exit::fast;
    }
    return send_queued(&slot, header);
}

// Where the receiver's capability lies, by way of the root CNode; keeps what the next send in its first CNode needs.
[[gnu::noinline]] std::span<Slot> Core::named_receiver(CapRef ref) {
    auto pointer = [this](base::PhysAddr address) { return machine_.pointer(address); };
    Dispatcher& sender = *current_;
    std::span<Slot> root = slots_from(sender.cspace.cap, 0, Rights::read, pointer);
    if (!root.empty()) {
        sender.first_cnode = root[0].cap;
        sender.first_cnode_epoch = usable(root[0].cap, Type::cnode, Rights::read) ? capabilities_.cnode_epoch() : 0;
    }
    return resolve_range(sender.cspace.cap, ref, Rights::read, pointer);
}

// All other sends, and the reason for those that are refused.
Exit Core::send_queued(Slot* slot, SendHeader header) {
    auto refuse = [&](Error error) {
        live_.set_error(static_cast<uint64_t>(error));
        return Exit::fast;
    };
    if (slot == nullptr) return refuse(Error::no_capability);
    if (!usable(slot->cap, Type::endpoint, Rights::send)) {
        return refuse(why_unusable(slot->cap, Type::endpoint, Rights::send));
    }
    if (header.length() > message_words) return refuse(Error::invalid_argument);
    Slot* carried = nullptr;
    if (header.has_cap()) {
        if (!includes(slot->cap.rights, Rights::transfer)) return refuse(Error::no_right);
        carried = capabilities_.resolve(current_->cspace.cap, header.cap());
        if (carried == nullptr || carried->empty()) return refuse(Error::no_capability);
        if (!includes(carried->cap.rights, Rights::transfer)) return refuse(Error::no_right);
    }
    EndpointObject& endpoint = *EndpointObject::at(machine_.pointer(base::PhysAddr{slot->cap.base}));
    woken_ = false;
    Dispatcher* caller = current_;
    Status queued = enqueue(endpoint, slot->cap.badge, header, carried);
    if (current_ != caller) return reschedule();  // it has gone with what lay in the endpoint
    statistics_.slow_messages += queued.ok();
    live_.set_error(static_cast<uint64_t>(queued.error()));
    return give_way(Exit::fast);
}

}  // namespace skerry::cpudriver
