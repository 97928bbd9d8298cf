// Capability invocation: find the target, check type and right in one expression, decode everything, then commit.
#include "cpudriver/core.hpp"

namespace skerry::cpudriver {

using namespace capabilities;

Exit Core::invoke() {
    SKERRY_ASSERT(current_ != nullptr);
    Arguments arguments;
    for (uint32_t i = 0; i < invocation_arguments; i++) arguments.word[i] = live_.argument(2 + i);
    Values values{};
    auto operation = static_cast<uint32_t>(live_.argument(1));
    Dispatcher* caller = current_;
    note(TraceKind::system_call, operation);

    Slot* target = capabilities_.resolve(caller->cspace.cap, CapRef{live_.argument(0)});
    Status done = Error::no_capability;
    if (target != nullptr && !target->empty()) {
        done = zombie(target->cap) ? Status{Error::busy} : dispatch_invocation(*target, operation, arguments, values);
    }
    if (current_ != caller) return reschedule();  // it stopped or deleted itself: there is nobody to answer
    live_.set_error(static_cast<uint64_t>(done.error()));
    for (uint32_t i = 0; i < invocation_values; i++) live_.set_value(i, values.word[i]);
    return Exit::fast;
}

base::Result<Slot*> Core::own(uint64_t ref, Type type, Rights rights) {
    return capabilities_.find(current_->cspace.cap, CapRef{ref}, type, rights);
}

base::Result<Slot*> Core::own_free(uint64_t ref) {
    return capabilities_.find_empty(current_->cspace.cap, CapRef{ref});
}

base::Status Core::dispatch_invocation(Slot& target, uint32_t operation, const Arguments& arguments, Values& values) {
    auto need = [&](Rights rights) { return includes(target.cap.rights, rights); };
    switch (target.cap.type) {
        case Type::cnode:
            return invoke_cnode(target, operation, arguments, values);
        case Type::frame:
            if (FrameOperation{operation} != FrameOperation::clean) return Error::unsupported;
            return capabilities_.clean(target);
        case Type::vnode:
            if (VNodeOperation{operation} != VNodeOperation::map) return Error::unsupported;
            return need(Rights::write) ? map(target, arguments) : Status{Error::no_right};
        case Type::mapping:
            if (MappingOperation{operation} != MappingOperation::protect) return Error::unsupported;
            return protect(target, arguments.word[0]);
        case Type::dispatcher:
            return invoke_dispatcher(target, operation, arguments, values);
        case Type::notify:
            if (NotifyOperation{operation} != NotifyOperation::poke) return Error::unsupported;
            return need(Rights::send) ? poke(target.cap, arguments) : Status{Error::no_right};
        case Type::flush:
            if (FlushOperation{operation} != FlushOperation::request) return Error::unsupported;
            return need(Rights::send) ? signal_each(target.cap, arguments.word) : Status{Error::no_right};
        case Type::kernel:
            return invoke_kernel(target, operation, arguments, values);
        case Type::kernel_control:
            return need(Rights::control) ? invoke_kernel_control(target, operation, arguments)
                                         : Status{Error::no_right};
        case Type::device_ports:
            return invoke_ports(target, operation, arguments, values);
        case Type::interrupt:
            return need(Rights::control) ? invoke_interrupt(target, operation, arguments, values)
                                         : Status{Error::no_right};
        case Type::performance_counter:
            return need(Rights::read) ? invoke_counter(target, operation, arguments, values) : Status{Error::no_right};
        case Type::null:
        case Type::phys_addr:
        case Type::ram:
        case Type::device_memory:
        case Type::endpoint:
        case Type::identity:
        case Type::count_:
            break;
    }
    return Error::unsupported;
}

base::Status Core::invoke_cnode(Slot& target, uint32_t operation, const Arguments& arguments, Values& values) {
    const uint64_t* a = arguments.word;
    const Capability root = target.cap;  // a copy: the operation may delete the slot that it was invoked through
    auto which = CNodeOperation{operation};
    bool only_reads = which == CNodeOperation::identify || which == CNodeOperation::fetch;
    Rights needed = only_reads ? Rights::read : Rights::write;
    Slot* slot = capabilities_.resolve(root, CapRef{a[0]}, needed);
    if (slot == nullptr) return Error::no_capability;

    switch (which) {
        case CNodeOperation::delete_:
            return capabilities_.delete_slot(*slot);
        case CNodeOperation::revoke: {
            Slot* spared = a[1] != 0 ? capabilities_.resolve(current_->cspace.cap, CapRef{a[1]}) : nullptr;
            if (a[1] != 0 && (spared == nullptr || spared->empty())) return Error::no_capability;
            return capabilities_.revoke(*slot, spared);
        }
        case CNodeOperation::identify: {
            const Capability& cap = slot->cap;
            values.word[0] = uint64_t{static_cast<uint8_t>(cap.type)} |
                             uint64_t{static_cast<uint8_t>(cap.rights)} << 8 | uint64_t{cap.level} << 16 |
                             uint64_t{cap.flags} << 24 | uint64_t{cap.badge} << 32;
            values.word[1] = cap.base;
            values.word[2] = cap.size;
            values.word[3] = cap.extra;
            return {};
        }
        case CNodeOperation::fetch:
            return capabilities_.copy_slot(*SKERRY_TRY(own_free(a[1])), *slot);
        case CNodeOperation::copy:
        case CNodeOperation::mint:
        case CNodeOperation::move:
        case CNodeOperation::retype:
            break;
        default:
            return Error::unsupported;
    }
    // A move empties the source's slot.
    Rights at_source = which == CNodeOperation::move ? Rights::read | Rights::write : Rights::read;
    Slot* source = capabilities_.resolve(current_->cspace.cap, CapRef{a[1]}, at_source);
    if (source == nullptr || source->empty()) return Error::no_capability;
    if (which != CNodeOperation::retype) slot = SKERRY_TRY(capabilities_.find_empty(root, CapRef{a[0]}));
    if (which == CNodeOperation::copy) return capabilities_.copy_slot(*slot, *source);
    if (which == CNodeOperation::move) return capabilities_.move_slot(*slot, *source);
    if (which == CNodeOperation::mint) {
        return capabilities_.mint_slot(*slot, *source, Rights(static_cast<uint8_t>(a[2])), static_cast<uint32_t>(a[3]));
    }
    auto type = static_cast<uint8_t>(a[2]);
    if (type >= type_count) return Error::invalid_argument;
    RetypeRequest request{.type = Type{type},
                          .level = static_cast<uint8_t>(a[2] >> 8),
                          .offset = a[3],
                          .object_size = a[4],
                          .count = a[5]};
    // Memory that was handed to another core is out of reach, also of capabilities that enclose it.
    if (source->cap.type == Type::ram && request.type != Type::ram &&
        check_retype(source->cap, request, platform::PageTable::levels) == Error::none &&
        !machine_.owns(base::PhysAddr{source->cap.base + request.offset}, request.object_size * request.count)) {
        return Error::refused;
    }
    uint64_t made = 0;
    Status done = capabilities_.retype(root, CapRef{a[0]}, *source, request, made);
    values.word[0] = made;
    return done;
}

}  // namespace skerry::cpudriver
