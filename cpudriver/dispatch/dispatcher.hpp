// A dispatcher: what the CPU driver schedules and upcalls. The object is 4 KiB of memory that a program retyped for
// it; its page (capabilities/interface/dispatcher_page.hpp) is another frame, shared with the program and believed in
// nothing.
#pragma once

#include <array>
#include <cstdint>

#include "capabilities/interface/dispatcher_page.hpp"
#include "capabilities/interface/flush_line.hpp"
#include "capabilities/interface/system_call.hpp"
#include "cpudriver/capability/slot.hpp"
#include "cpudriver/dispatch/endpoint.hpp"
#include "cpudriver/schedule/schedulable.hpp"
#include "platforms/base/ids.hpp"

namespace skerry::cpudriver {

using capabilities::DispatcherState;

constexpr uint32_t no_notify = ~uint32_t{0}, no_flush = ~uint32_t{0};

struct Dispatcher {
    // Capabilities that it runs on. When one is revoked the dispatcher ends.
    Slot cspace, vspace, frame, fault_endpoint;

    // What the first slot of the root CNode holds, while Capabilities::cnode_epoch() is the same: a send to what lies in
    // there does not touch the root's page.
    uint64_t first_cnode_epoch = 0;
    capabilities::Capability first_cnode;

    Schedulable schedule;
    DispatcherState state = DispatcherState::unconfigured;
    bool saved_disabled = false;  // its next turn resumes the disabled save area
    bool poked = false;           // a wake-up that no upcall has told it yet
    std::byte* page = nullptr;    // this core's alias of the dispatcher page
    base::VirtAddr page_address{0};
    base::DomainId domain{0};
    uint32_t notify_index = no_notify;
    uint32_t flush_index = no_flush;
    base::ListLink flush_link;
    Slot flush_frame;                               // holds the line; empty, or of the last flush_line
    capabilities::FlushLine* flush_line = nullptr;  // this core's alias

    base::List<EndpointObject, &EndpointObject::bound_link> endpoints;
    base::List<EndpointObject, &EndpointObject::ready_link> ready;

    PendingFault fault;
    base::List<Message, &Message::gift_link> gifts;  // that it has given away and nobody has taken yet

    std::array<Slot*, 5> slots() { return {&cspace, &vspace, &frame, &fault_endpoint, &flush_frame}; }

    static Dispatcher* at(std::byte* object) { return reinterpret_cast<Dispatcher*>(object); }
    static Dispatcher& of(Schedulable& schedulable) { return owner<&Dispatcher::schedule>(&schedulable); }
    static Dispatcher& of(PendingFault& fault) { return owner<&Dispatcher::fault>(&fault); }
    // The dispatcher that a slot with home == dispatcher lies in: objects are aligned to their size.
    static Dispatcher& of(Slot& slot) {
        return *reinterpret_cast<Dispatcher*>(reinterpret_cast<uintptr_t>(&slot) &
                                              ~(capabilities::dispatcher_object_size - 1));
    }

    capabilities::DispatcherPage& shared() { return *reinterpret_cast<capabilities::DispatcherPage*>(page); }
    std::byte* area(uint64_t offset) { return page + offset; }
    bool runnable() const { return state == DispatcherState::runnable || state == DispatcherState::running; }

  private:
    template <auto Member, typename T>
    static Dispatcher& owner(T* member) {
        auto* probe = reinterpret_cast<Dispatcher*>(uintptr_t{4096});
        auto offset = reinterpret_cast<uintptr_t>(&(probe->*Member)) - uintptr_t{4096};
        return *reinterpret_cast<Dispatcher*>(reinterpret_cast<uintptr_t>(member) - offset);
    }
};
static_assert(sizeof(Dispatcher) <= capabilities::dispatcher_object_size);

}  // namespace skerry::cpudriver
