// The life of kernel objects: made by retype, destroyed when their last capability goes, informed when a slot inside
// them is emptied.
#include <cstring>
#include <new>

#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

void Core::created(const Capability& object) {
    auto memory = [&] { return pointer(base::PhysAddr{object.base}); };  // what is no memory has none
    if (object.type == Type::dispatcher) {
        auto* dispatcher = new (memory()) Dispatcher;
        for (Slot* slot : dispatcher->slots()) slot->home = SlotHome::dispatcher;
    } else if (object.type == Type::endpoint) {
        auto* endpoint = new (memory()) EndpointObject;
        endpoint->capacity = EndpointObject::capacity_for(object.size);
        for (uint32_t i = 0; i < endpoint->capacity; i++) {
            new (&endpoint->messages()[i]) Message{};
            endpoint->messages()[i].transit.home = SlotHome::transit;
        }
    } else if (object.type == Type::vnode && object.level == platform::PageTable::levels) {
        machine_.prepare_root(base::PhysAddr{object.base});
    }
}

base::Status Core::destroy(const Capability& object) {
    switch (object.type) {
        case Type::dispatcher:
            return destroy_dispatcher(*Dispatcher::at(pointer(base::PhysAddr{object.base})));
        case Type::endpoint:
            return destroy_endpoint(*EndpointObject::at(pointer(base::PhysAddr{object.base})));
        case Type::mapping:
            return unmap(object);
        case Type::interrupt:
            // Those who hold a part of the range keep what they connected.
            if (capabilities_.tree().first_descendant(object) == nullptr) destroy_interrupts(object);
            return {};
        case Type::vnode:
            destroy_vnode(object);
            return {};
        case Type::flush:  // this core's own; the dispatcher lets go of the frame when it makes another one
            if (object.base >> 32 == id_.value) {
                Dispatcher* dispatcher = flush_[static_cast<uint32_t>(object.base)];
                if (dispatcher != nullptr) forget_flush(*dispatcher);
            }
            return {};
        default:
            return {};
    }
}

// Bounded: up to 16 endpoints a step. The slots inside are emptied by Capabilities afterwards.
base::Status Core::destroy_dispatcher(Dispatcher& dispatcher) {
    if (dispatcher.runnable() || dispatcher.state == DispatcherState::blocked) {
        stop_running(dispatcher, DispatcherState::stopped);
    }
    dispatcher.state = DispatcherState::faulted;  // nothing below may start it again
    for (int step = 0; EndpointObject* endpoint = dispatcher.endpoints.front(); step++) {
        if (step == 16) return Error::again;
        if (endpoint->ready_link.linked()) dispatcher.ready.remove(*endpoint);
        dispatcher.endpoints.remove(*endpoint);
        forget_messages(*endpoint);
        endpoint->receiver = nullptr;
    }
    for (int step = 0; Message* gift = dispatcher.gifts.pop_front(); step++) {
        gift->giver = nullptr;  // there is nobody left to give it back to
        if (step == 64) return Error::again;
    }
    if (dispatcher.fault.link.linked()) FaultWaiters::remove(dispatcher.fault);
    scheduler_.remove(dispatcher.schedule, now());
    if (watcher_ == &dispatcher) watcher_ = nullptr;
    if (dispatcher.notify_index != no_notify) notify_[dispatcher.notify_index] = nullptr;
    dispatcher.notify_index = no_notify;
    forget_flush(dispatcher);
    for (uint32_t number = 0; number < interrupt_.size(); number++) {
        if (interrupt_[number].dispatcher == &dispatcher) disconnect(number);
    }
    return {};
}

void Core::destroy_interrupts(const Capability& interrupts) {
    SKERRY_ASSERT(interrupts.base >= platform::PageTable::first_device_vector);
    uint64_t first = interrupts.base - platform::PageTable::first_device_vector;
    SKERRY_ASSERT(first + interrupts.size <= interrupt_.size());
    for (uint64_t number = first; number < first + interrupts.size; number++) {
        if (interrupt_[number].dispatcher != nullptr) disconnect(static_cast<uint32_t>(number));
    }
}

Slot* Core::inner_slot(const Capability& object, uint32_t index) {
    std::byte* memory = pointer(base::PhysAddr{object.base});
    if (object.type == Type::dispatcher) {
        auto slots = Dispatcher::at(memory)->slots();
        return index < slots.size() ? slots[index] : nullptr;
    }
    if (object.type == Type::endpoint) {
        EndpointObject& endpoint = *EndpointObject::at(memory);
        return index < endpoint.capacity ? &endpoint.messages()[index].transit : nullptr;
    }
    return nullptr;
}

// The capabilities in flight are copies, whose senders have theirs, or gifts, which go back.
void Core::forget_messages(EndpointObject& endpoint) {
    while (endpoint.count > 0) {
        end_gift(endpoint.oldest());
        if (!endpoint.oldest().transit.empty()) capabilities_.drop_copy(endpoint.oldest().transit);
        endpoint.drop_oldest();
    }
}

base::Status Core::destroy_endpoint(EndpointObject& endpoint) {
    for (int step = 0; PendingFault* waiter = endpoint.fault_waiters.pop_front(); step++) {
        waiter->reported = true;  // there is nobody left to tell
        if (step == 16) return Error::again;
    }
    if (endpoint.receiver != nullptr) {
        if (endpoint.ready_link.linked()) endpoint.receiver->ready.remove(endpoint);
        endpoint.receiver->endpoints.remove(endpoint);
        endpoint.receiver = nullptr;
    }
    for (; endpoint.count > 0; endpoint.drop_oldest()) end_gift(endpoint.oldest());
    return {};  // what is still in flight is in inner slots
}

// Walks through the freed table end here: its entries go first, then everything cached of the space.
void Core::destroy_vnode(const Capability& vnode) {
    if (vnode.level == platform::PageTable::levels && base::PhysAddr{vnode.base} == space_) {
        space_ = base::PhysAddr{0};
        machine_.switch_space(space_);
    }
    std::memset(pointer(base::PhysAddr{vnode.base}), 0, vnode_object_size);
    machine_.flush_space();
}

// A slot inside an object lost its capability to a delete or a revoke.
void Core::emptied(Slot& slot) {
    if (slot.home != SlotHome::dispatcher) return;  // a message in flight travels on without its capability
    Dispatcher& dispatcher = Dispatcher::of(slot);
    if (&slot == &dispatcher.frame) {
        dispatcher.page = nullptr;
    }
    if (&slot == &dispatcher.vspace && &dispatcher == current_) {
        space_ = base::PhysAddr{0};
        machine_.switch_space(space_);
    }
    if (&slot == &dispatcher.fault_endpoint) return;
    if (&slot == &dispatcher.flush_frame) return forget_flush(dispatcher);
    bool alive = dispatcher.runnable() || dispatcher.state == DispatcherState::blocked ||
                 dispatcher.state == DispatcherState::stopped;
    if (!alive) return;
    if (dispatcher.state == DispatcherState::stopped) {
        dispatcher.state = DispatcherState::faulted;
        return;
    }
    end(dispatcher, FaultKind::lost_space, 0, 0, 0);
}

}  // namespace skerry::cpudriver
