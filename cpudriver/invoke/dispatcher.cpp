// Invocations of Dispatcher capabilities.
#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

base::Status Core::invoke_dispatcher(Slot& target, uint32_t operation, const Arguments& arguments, Values& values) {
    auto which = DispatcherOperation{operation};
    Rights needed = which == DispatcherOperation::read_state ? Rights::read : Rights::control;
    if (!includes(target.cap.rights, needed)) return Error::no_right;
    Dispatcher& dispatcher = *Dispatcher::at(pointer(base::PhysAddr{target.cap.base}));
    switch (which) {
        case DispatcherOperation::configure:
            return configure(dispatcher, arguments);
        case DispatcherOperation::start:
            return start(dispatcher);
        case DispatcherOperation::stop:
            if (dispatcher.runnable() || dispatcher.state == DispatcherState::blocked) {
                if (&dispatcher == current_) {
                    live_.set_error(static_cast<uint64_t>(Error::none));  // what it sees when it is started again
                    save_current();
                }
                stop_running(dispatcher, DispatcherState::stopped);
            }
            return {};
        case DispatcherOperation::reserve:
            return reserve(dispatcher, arguments);
        case DispatcherOperation::bind:
            return bind(dispatcher, arguments);
        case DispatcherOperation::make_notify:
            return add_notify(dispatcher, *SKERRY_TRY(own_free(arguments.word[0])));
        case DispatcherOperation::make_flush:
            return add_flush(dispatcher, arguments);
        case DispatcherOperation::set_domain:
            dispatcher.domain = base::DomainId{arguments.word[0]};
            if (dispatcher.page != nullptr) dispatcher.shared().domain = arguments.word[0];
            return {};
        case DispatcherOperation::read_state:
            charge();
            values.word[0] = static_cast<uint64_t>(dispatcher.state);
            values.word[1] = dispatcher.schedule.cpu_time;
            values.word[2] = dispatcher.schedule.deadline_misses;
            values.word[3] = dispatcher.page != nullptr ? dispatcher.shared().upcalls : 0;
            return {};
    }
    return Error::unsupported;
}

// All five are checked before the first is taken over.
base::Status Core::configure(Dispatcher& dispatcher, const Arguments& arguments) {
    if (dispatcher.state != DispatcherState::unconfigured) return Error::busy;
    const uint64_t* a = arguments.word;
    Slot* cspace = SKERRY_TRY(own(a[0], Type::cnode, Rights::read | Rights::write));
    Slot* vspace = SKERRY_TRY(own(a[1], Type::vnode, Rights::read));
    Slot* frame = SKERRY_TRY(own(a[2], Type::frame, Rights::read | Rights::write));
    if (vspace->cap.level != platform::PageTable::levels) return Error::wrong_type;
    if (frame->cap.size < dispatcher_frame_size || frame->cap.extra < dispatcher_frame_size) return Error::unclean;
    if (frame->cap.flags & flag_foreign || !machine_.owns(base::PhysAddr{frame->cap.base}, dispatcher_frame_size)) {
        return Error::refused;
    }
    base::VirtAddr page{a[3]};
    if (!page.aligned(base::page_size) || page.value >= platform::user_end) return Error::misaligned;
    Slot* fault = nullptr;
    if (a[4] != 0) fault = SKERRY_TRY(own(a[4], Type::endpoint, Rights::send));

    SKERRY_CHECK(capabilities_.copy_slot(dispatcher.cspace, *cspace));
    Status done = capabilities_.copy_slot(dispatcher.vspace, *vspace);
    if (done.ok()) done = capabilities_.copy_slot(dispatcher.frame, *frame);
    if (done.ok() && fault != nullptr) done = capabilities_.copy_slot(dispatcher.fault_endpoint, *fault);
    if (!done.ok()) {
        for (Slot* slot : {&dispatcher.cspace, &dispatcher.vspace, &dispatcher.frame}) {
            if (!slot->empty()) capabilities_.drop_copy(*slot);
        }
        return done;
    }
    adopt_page(dispatcher, page, dispatcher.domain);
    return {};
}

// The page's frame is in the dispatcher's slot already.
void Core::adopt_page(Dispatcher& dispatcher, base::VirtAddr address, base::DomainId domain) {
    SKERRY_ASSERT(dispatcher.frame.cap.size >= dispatcher_frame_size);
    dispatcher.page = pointer(base::PhysAddr{dispatcher.frame.cap.base});
    dispatcher.page_address = address;
    dispatcher.domain = domain;
    dispatcher.state = DispatcherState::stopped;
    DispatcherPage& shared = dispatcher.shared();
    shared.self = address.value;
    shared.core = id_.value;
    shared.domain = domain.value;
    shared.clock_multiplier = machine_.clock_multiplier();
    shared.clock_offset = clock_offset_;
    shared.extended_size = machine_.extended_size();
    shared.extended_mask = machine_.extended_mask();
}

base::Status Core::start(Dispatcher& dispatcher) {
    if (dispatcher.state != DispatcherState::stopped) return Error::busy;
    if (dispatcher.schedule.service == Service::none) {
        SKERRY_CHECK(scheduler_.add_best_effort(dispatcher.schedule, default_weight, now()));
    }
    make_runnable(dispatcher);
    return {};
}

base::Status Core::reserve(Dispatcher& dispatcher, const Arguments& arguments) {
    switch (ReservationKind{arguments.word[0]}) {
        case ReservationKind::best_effort:
            return scheduler_.add_best_effort(dispatcher.schedule, arguments.word[1], now());
        case ReservationKind::hard:
            return scheduler_.reserve_hard(dispatcher.schedule, arguments.word[1], arguments.word[2], now());
    }
    return Error::invalid_argument;
}

base::Status Core::bind(Dispatcher& dispatcher, const Arguments& arguments) {
    Slot* slot = SKERRY_TRY(own(arguments.word[0], Type::endpoint, Rights::read | Rights::control));
    EndpointObject& endpoint = *EndpointObject::at(pointer(base::PhysAddr{slot->cap.base}));
    if (endpoint.receiver != nullptr) return Error::busy;
    attach(dispatcher, endpoint, arguments.word[1]);
    return {};
}

void Core::attach(Dispatcher& dispatcher, EndpointObject& endpoint, uint64_t token) {
    SKERRY_ASSERT(endpoint.count == 0 && endpoint.receiver == nullptr);
    endpoint.receiver = &dispatcher;
    endpoint.token = token;
    dispatcher.endpoints.push_back(endpoint);
    while (!endpoint.full() && !endpoint.fault_waiters.empty()) {
        report_fault(Dispatcher::of(*endpoint.fault_waiters.pop_front()));
    }
}

base::Status Core::add_notify(Dispatcher& dispatcher, Slot& slot) {
    uint32_t index = dispatcher.notify_index;
    if (index == no_notify) {
        // Bounded: the table is as long as the machine's poke words.
        uint32_t tried = 0;
        for (index = next_notify_; notify_[index] != nullptr; index = (index + 1) % notifies_per_core) {
            if (++tried == notifies_per_core) return Error::no_memory;
        }
    }
    Capability notify{.type = Type::notify,
                      .rights = info(Type::notify).rights,
                      .base = uint64_t{id_.value} << 32 | index,
                      .size = 1,
                      .extra = machine_.hardware_id().value};
    SKERRY_CHECK(capabilities_.insert_root(slot, notify));
    if (dispatcher.notify_index == no_notify) next_notify_ = (index + 1) % notifies_per_core;
    dispatcher.notify_index = index;
    notify_[index] = &dispatcher;
    return {};
}

base::Status Core::poke(const Capability& notify, const Arguments& arguments) {
    uint64_t message = arguments.word[0];
    note(TraceKind::poke_sent, notify.base);
    if (message != 0) note(TraceKind::poke_message, message);
    return signal_each(notify, std::span(arguments.word).subspan(1));
}

inline void Core::signal_here(const Capability& target) {
    auto index = static_cast<uint32_t>(target.base);
    SKERRY_ASSERT(index < (target.type == Type::flush ? flushes_per_core : notifies_per_core));
    if (target.type == Type::flush && flush_[index] != nullptr) serve_flush(*flush_[index]);
    if (target.type == Type::notify && notify_[index] != nullptr) wake(*notify_[index]);
}

// Whether its core must be interrupted: it is another one; and of those who set a poke's bit the first interrupts. Release:
// what the sender wrote before is seen by whoever takes the bit.
inline bool Core::signal(const Capability& target) {
    auto core = static_cast<uint32_t>(target.base >> 32), bit = static_cast<uint32_t>(target.base);
    if (core == id_.value || target.type == Type::flush) return core != id_.value;
    SKERRY_ASSERT(core < cores_maximum && bit < notifies_per_core);
    std::atomic<uint64_t>& word = machine_.poke_words(core)[bit / 64];
    uint64_t mask = uint64_t{1} << (bit % 64);
    return (word.fetch_or(mask, std::memory_order_acq_rel) & mask) == 0;
}

// All are looked at before any is told; other cores before this one, for which nobody waits.
base::Status Core::signal_each(const Capability& first, std::span<const uint64_t> more) {
    SKERRY_ASSERT(first.type == Type::notify || first.type == Type::flush);
    constexpr uint32_t most = 1 + 2 * invocation_arguments;
    std::array<const Capability*, most> targets;
    targets[0] = &first;
    uint32_t count = 1;
    Capabilities::Finder finder(capabilities_, current_->cspace.cap);
    for (uint64_t word : more) {
        if (word == 0) break;
        for (uint64_t ref : {word & 0xffff'ffff, word >> 32}) {
            if (ref == 0) continue;
            Slot* slot = SKERRY_TRY(finder.find(CapRef{ref}, first.type, Rights::send));
            targets[count++] = &slot->cap;
        }
    }
    std::array<base::HardwareId, most> interrupted;
    uint32_t interrupts = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i != 0 && first.type == Type::notify) note(TraceKind::poke_sent, targets[i]->base);
        if (signal(*targets[i])) interrupted[interrupts++] = base::HardwareId{targets[i]->extra};
    }
    if (interrupts == 1) machine_.send_poke(interrupted[0]);
    if (interrupts > 1) machine_.send_pokes(std::span(interrupted).first(interrupts));
    for (uint32_t i = 0; i < count; i++) {
        if (targets[i]->base >> 32 == id_.value) signal_here(*targets[i]);
    }
    return {};
}

}  // namespace skerry::cpudriver
