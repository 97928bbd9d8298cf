#include "usr/test/rights/samples.hpp"

namespace skerry::usr::test {

using runtime::CNodeCap;
using runtime::Owned;
namespace well_known = capabilities::well_known;
namespace map_flags = capabilities::map_flags;

Status Samples::make() {
    runtime::RamPool& ram = self_.ram();
    at(Type::frame) = SKERRY_TRY(ram.make_frame(base::page_size)).cap;
    at(Type::cnode) = SKERRY_TRY(ram.make(Type::cnode, 0, capabilities::cnode_minimum_size)).cap;
    at(Type::dispatcher) = SKERRY_TRY(ram.make(Type::dispatcher, 0, capabilities::dispatcher_object_size)).cap;
    at(Type::endpoint) = SKERRY_TRY(ram.make(Type::endpoint, 0, capabilities::endpoint_minimum_size)).cap;
    at(Type::vnode) = SKERRY_TRY(ram.make(Type::vnode, 1, capabilities::vnode_object_size)).cap;
    second_table_ = SKERRY_TRY(ram.make(Type::vnode, 2, capabilities::vnode_object_size)).cap;
    unbound_ = SKERRY_TRY(ram.make(Type::endpoint, 0, capabilities::endpoint_minimum_size)).cap;
    at(Type::ram) = SKERRY_TRY(ram.source().allocate(base::page_size, base::page_size)).cap;
    Owned notify = SKERRY_TRY(Owned::empty(self_.slots));
    SKERRY_CHECK(runtime::DispatcherCap{sample(Type::dispatcher)}.make_notify(notify.ref()));
    at(Type::notify) = notify.release();
    Owned flush = SKERRY_TRY(Owned::empty(self_.slots));
    runtime::Object line = SKERRY_TRY(ram.make_frame(base::page_size));
    SKERRY_CHECK(runtime::DispatcherCap{sample(Type::dispatcher)}.make_flush(flush.ref(), line.cap, 0));
    at(Type::flush) = flush.release();
    return {};
}

Error Samples::refusal(Type type, Rights right) {
    bool way = type == Type::cnode && (right == Rights::read || right == Rights::write);
    return way ? Error::no_capability : Error::no_right;
}

Error Samples::use_cnode(Rights right, CapRef cap) {
    CNodeCap space{cap};  // as the root of a space of its own
    if (right == Rights::read) {
        auto found = space.identify(CapRef::root_slot(0));
        return found.error();
    }
    Error made = space.copy(CapRef::root_slot(0), sample(Type::notify)).error();
    if (made == Error::none) (void)CNodeCap{sample(Type::cnode)}.remove(CapRef::root_slot(0)).ok();
    return made;
}

Error Samples::use_dispatcher(Rights right, CapRef cap) {
    runtime::DispatcherCap dispatcher{cap};
    return right == Rights::read ? dispatcher.read_state().error() : dispatcher.stop().error();
}

// `closed` and `busy` come after the right was looked at.
Error Samples::use_endpoint(Rights right, CapRef cap) {
    if (right == Rights::send) {
        uint64_t words[10] = {};
        Error sent = runtime::send(cap, capabilities::SendHeader::words(0), words).error();
        return sent == Error::closed || sent == Error::full ? Error::none : sent;
    }
    Error bound = runtime::DispatcherCap{sample(Type::dispatcher)}.bind(cap, 1).error();
    return bound == Error::busy ? Error::none : bound;
}

Error Samples::map(CapRef frame, CapRef table, uint64_t flags) {
    auto mapping = Owned::empty(self_.slots);  // unmapped as it goes
    if (!mapping.ok()) return mapping.error();
    return runtime::VNodeCap{table}.map(0, frame, mapping->ref(), flags, 0, 1).error();
}

Error Samples::use_vnode(Rights right, CapRef cap) {
    if (right == Rights::write) return map(sample(Type::frame), cap, map_flags::read);
    return map(cap, second_table_, map_flags::read);
}

Error Samples::retype(CapRef ram) {
    auto slot = Owned::empty(self_.slots);
    if (!slot.ok()) return slot.error();
    return CNodeCap{}.retype(slot->ref(), ram, Type::frame, 0, 0, base::page_size).error();
}

Error Samples::transfer(CapRef cap) {
    uint64_t words[10] = {};
    Error sent = runtime::send(unbound_, capabilities::SendHeader::with_cap(0, cap), words).error();
    return sent == Error::closed ? Error::none : sent;
}

Error Samples::use(Type type, Rights right, CapRef cap) {
    if (right == Rights::transfer) return transfer(cap);
    if (right == Rights::revoke) return CNodeCap{}.revoke(cap).error();
    switch (type) {
        case Type::cnode:
            return use_cnode(right, cap);
        case Type::dispatcher:
            return use_dispatcher(right, cap);
        case Type::endpoint:
            return use_endpoint(right, cap);
        case Type::vnode:
            return use_vnode(right, cap);
        case Type::frame:
            if (right == Rights::read) return map(cap, sample(Type::vnode), map_flags::read);
            if (right == Rights::write) return map(cap, sample(Type::vnode), map_flags::read | map_flags::write);
            return map(cap, sample(Type::vnode), map_flags::read | map_flags::execute);
        case Type::ram:
            return right == Rights::retype ? retype(cap) : Error::unsupported;
        case Type::flush:
            return runtime::FlushCap{cap}.request().error();
        case Type::notify:
            return runtime::NotifyCap{cap}.poke().error();
        default:
            return Error::unsupported;
    }
}

}  // namespace skerry::usr::test
