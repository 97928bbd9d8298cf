// An endpoint: a bounded queue of same-core messages. The whole object, messages and capabilities in flight
// included, lies in memory that a program retyped for it; only the driver touches it.
//
//   +-----------------+----------+----------+-----+
//   | EndpointObject  | Message  | Message  | ... |   as many messages as the object's size holds
//   +-----------------+----------+----------+-----+
#pragma once

#include <cstdint>

#include "capabilities/interface/fault.hpp"
#include "capabilities/interface/system_call.hpp"
#include "cpudriver/capability/slot.hpp"
#include "platforms/base/list.hpp"

namespace skerry::cpudriver {

struct Dispatcher;

// Why a dispatcher ended, until its parent's endpoint has taken the message.
struct PendingFault {
    base::ListLink link;
    capabilities::FaultKind kind{};
    uint64_t address = 0, instruction = 0, code = 0;
    bool reported = true;
};

using FaultWaiters = base::List<PendingFault, &PendingFault::link>;

struct alignas(64) Message {
    Slot transit;  // the capability on its way; revoke reaches it here
    uint64_t words[capabilities::message_words];
    uint64_t header;
    uint64_t badge;
    uint32_t number;  // of this core's queued messages: for traces
    uint32_t origin;  // a gift: the CapRef that it was given from
    base::ListLink gift_link;
    Dispatcher* giver;  // of a gift, while it lives; else null
};
static_assert(sizeof(Message) == 192);

struct alignas(64) EndpointObject {
    Dispatcher* receiver = nullptr;  // null until bound, and after the receiver is gone
    uint64_t token = 0;              // the receiver's own word for this endpoint
    uint32_t head = 0;               // oldest message
    uint32_t count = 0;
    uint32_t capacity = 0;
    uint32_t unused = 0;
    base::ListLink bound_link;   // on the receiver's list of endpoints
    base::ListLink ready_link;   // on the receiver's list of endpoints with messages
    FaultWaiters fault_waiters;  // children whose message found no room

    static EndpointObject* at(std::byte* object) { return reinterpret_cast<EndpointObject*>(object); }
    Message* messages() { return reinterpret_cast<Message*>(this + 1); }
    Message& oldest() {
        SKERRY_ASSERT(count > 0);
        return messages()[head];
    }
    bool full() const { return count == capacity; }
    // The place for the next message; count it with `count++` once it is filled.
    Message& next_free() {
        SKERRY_ASSERT(count < capacity);
        uint32_t index = head + count;
        return messages()[index < capacity ? index : index - capacity];
    }
    void drop_oldest() {
        SKERRY_ASSERT(count > 0);
        head = head + 1 == capacity ? 0 : head + 1;
        count--;
    }
    static constexpr uint32_t capacity_for(uint64_t object_size) {
        return static_cast<uint32_t>((object_size - 128) / sizeof(Message));
    }
};
static_assert(sizeof(EndpointObject) == 128);

}  // namespace skerry::cpudriver
