// The queued way of a same-core message: into the endpoint's ring, and out of it at the receiver's next upcall.
#include <cstring>
#include <utility>

#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

// Everything is checked before the ring changes; on error the sender still has all it sent.
base::Status Core::enqueue(EndpointObject& endpoint, uint64_t badge, SendHeader header, Slot* carried) {
    if (endpoint.receiver == nullptr) return Error::closed;
    if (endpoint.full()) return Error::full;
    Message& message = endpoint.next_free();
    if (carried != nullptr && !message.transit.empty()) {
        // What an earlier receiver refused, and nobody else holds: now it goes, and it may take along whatever it
        // names, the endpoint, the receiver and the sender included. So nothing is done after that.
        capabilities_.drop_copy(message.transit);
        return Error::full;
    }
    if (carried != nullptr && header.gives()) {
        SKERRY_CHECK(capabilities_.move_slot(message.transit, *carried));
        message.giver = current_;
        message.origin = static_cast<uint32_t>(header.cap().word);
        current_->gifts.push_back(message);
    } else if (carried != nullptr) {
        SKERRY_CHECK(capabilities_.copy_slot(message.transit, *carried));
    }
    for (uint32_t i = 0; i < message_words; i++) {
        message.words[i] = i < header.length() ? live_.message_word(i) : 0;
    }
    message.header = header.length() | (carried != nullptr ? SendHeader::carries_cap : 0);
    message.badge = badge;
    message.number = ++messages_queued_;
    note(TraceKind::send, uint64_t{message.number} << 32 | (badge & 0xffff'ffff));
    endpoint.count++;
    Dispatcher& receiver = *endpoint.receiver;
    if (!endpoint.ready_link.linked()) receiver.ready.push_back(endpoint);
    if (receiver.state == DispatcherState::blocked) make_runnable(receiver);
    return {};
}

// A gift has been taken, or it goes back to where it came from. One whose giver is gone, or uses that slot for something
// else by now, stays in transit.
void Core::end_gift(Message& message) {
    Dispatcher* giver = std::exchange(message.giver, nullptr);
    if (giver == nullptr) return;
    giver->gifts.remove(message);
    if (message.transit.empty()) return;
    auto slot = capabilities_.find_empty(giver->cspace.cap, CapRef{message.origin});
    if (slot.ok()) (void)capabilities_.move_slot(**slot, message.transit).ok();
}

// False if it was revoked on its way, or the receive slot cannot take it. A copy that others hold goes. The last of its
// kind stays here until the place is used again: to destroy what it names could take away the receiver in the middle of
// its upcall.
bool Core::take_capability(Dispatcher& dispatcher, Message& message) {
    Slot& transit = message.transit;
    bool taken = false;
    if (!transit.empty()) {
        auto slot = capabilities_.find_empty(dispatcher.cspace.cap, CapRef{dispatcher.shared().receive_slot});
        taken = slot.ok() && capabilities_.move_slot(**slot, transit).ok();
    }
    end_gift(message);
    if (!transit.empty() && capabilities_.tree().has_copies(transit)) capabilities_.drop_copy(transit);
    return taken;
}

// Moves the oldest message into the live registers of its receiver, which is being upcalled.
void Core::deliver_oldest(Dispatcher& dispatcher, EndpointObject& endpoint) {
    SKERRY_ASSERT(endpoint.receiver == &dispatcher && endpoint.count > 0);
    Message& message = endpoint.oldest();
    uint64_t header = message.header;
    if (header & SendHeader::carries_cap) {
        header &= ~uint64_t{SendHeader::carries_cap};
        header |= take_capability(dispatcher, message) ? SendHeader::cap_received : SendHeader::cap_refused;
    }
    live_.enter_upcall(live_.instruction(), base::VirtAddr{dispatcher.shared().upcall_stack}, dispatcher.page_address,
                       endpoint.token, header, message.badge);
    for (uint32_t i = 0; i < message_words; i++) live_.set_message_word(i, message.words[i]);
    note(TraceKind::receive, uint64_t{message.number} << 32 | (endpoint.token & 0xffff'ffff));
    endpoint.drop_oldest();
    // Round robin between the endpoints of one dispatcher.
    dispatcher.ready.remove(endpoint);
    if (PendingFault* waiter = endpoint.fault_waiters.pop_front()) report_fault(Dispatcher::of(*waiter));
    if (endpoint.count > 0 && !endpoint.ready_link.linked()) dispatcher.ready.push_back(endpoint);
}

}  // namespace skerry::cpudriver
