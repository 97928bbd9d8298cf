#include "usr/runtime/capability.hpp"

#include <array>

namespace skerry::runtime {
namespace {

// Calls again while the driver has work left (law 2: each call is one bounded step).
template <typename... Arguments>
Status until_done(Arguments... arguments) {
    for (;;) {
        Values values = invoke(arguments...);
        if (values.error != Error::again) return values.status();
    }
}

}  // namespace

using Op = capabilities::CNodeOperation;

Status CNodeCap::copy(CapRef destination, CapRef source) const {
    return until_done(ref, Op::copy, destination.word, source.word);
}
Status CNodeCap::mint(CapRef destination, CapRef source, Rights mask, uint32_t badge) const {
    return until_done(ref, Op::mint, destination.word, source.word, mask, badge);
}
Status CNodeCap::move(CapRef destination, CapRef source) const {
    return until_done(ref, Op::move, destination.word, source.word);
}
Status CNodeCap::remove(CapRef slot) const {
    return until_done(ref, Op::delete_, slot.word);
}
Status CNodeCap::revoke(CapRef slot, CapRef spared) const {
    return until_done(ref, Op::revoke, slot.word, spared.word);
}

Status CNodeCap::retype(CapRef destination, CapRef source, Type type, uint32_t level, uint64_t offset, uint64_t size,
                        uint64_t count) const {
    auto slot = [&](uint64_t i) {
        return destination.at_root() ? CapRef::root_slot(destination.root_index() + static_cast<uint32_t>(i))
                                     : CapRef{destination.word + i};
    };
    uint64_t made = 0;
    while (made < count) {
        Values step =
            invoke(ref, Op::retype, slot(made).word, source.word, static_cast<uint64_t>(type) | uint64_t{level} << 8,
                   offset + made * size, size, count - made);
        if (step.error == Error::none || step.error == Error::again) {
            made += step.error == Error::none ? count - made : step.value[0];
            continue;
        }
        while (made != 0) (void)remove(slot(--made)).ok();  // our own fresh objects: nothing can refuse
        return step.error;
    }
    return {};
}

Result<Capability> CNodeCap::identify(CapRef slot) const {
    Values values = invoke(ref, Op::identify, slot.word);
    if (values.error != Error::none) return values.error;
    std::array<uint64_t, 4> words{values.value[0], values.value[1], values.value[2], values.value[3]};
    return std::bit_cast<Capability>(words);
}

Status FrameCap::clean() const {
    return until_done(ref, capabilities::FrameOperation::clean);
}

Result<DispatcherCap::State> DispatcherCap::read_state() const {
    Values v = invoke(ref, Operation::read_state);
    if (v.error != Error::none) return v.error;
    return State{static_cast<capabilities::DispatcherState>(v.value[0]), v.value[1], v.value[2], v.value[3]};
}

Status KernelCap::create(CapRef destination, const Capability& capability) const {
    auto words = std::bit_cast<std::array<uint64_t, 4>>(capability);
    return until_done(ref, Operation::create, destination.word, words[0], words[1], words[2], words[3]);
}
Result<KernelCap::TraceEvent> KernelCap::trace_read(uint64_t position) const {
    Values v = invoke(ref, Operation::trace_read, position);
    if (v.error != Error::none) return v.error;
    return TraceEvent{v.value[0], v.value[1], v.value[2], v.value[3]};
}
Result<KernelCap::Info> KernelCap::info() const {
    Values v = invoke(ref, Operation::info);
    if (v.error != Error::none) return v.error;
    return Info{v.value[0], v.value[1], v.value[2], v.value[3]};
}
Result<KernelCap::Statistics> KernelCap::statistics() const {
    Values v = invoke(ref, Operation::statistics);
    if (v.error != Error::none) return v.error;
    return Statistics{v.value[0], v.value[1], v.value[2], v.value[3]};
}

Result<KernelCap::Relations> KernelCap::relations(CapRef slot, uint64_t offset, uint64_t size) const {
    Values v = invoke(ref, Operation::relations, slot.word, offset, size);
    if (v.error != Error::none) return v.error;
    return Relations{(v.value[0] & 1) != 0, (v.value[0] & 2) != 0, (v.value[0] & 4) != 0, v.value[1], v.value[2]};
}

Status KernelControlCap::withdraw(CapRef ram) const {
    return until_done(ref, Operation::withdraw, ram.word);
}

}  // namespace skerry::runtime
