// Invocations by name: one small class a capability type, holding nothing but the reference. None of them
// owns its slot (owned.hpp does). Errors are those of the CPU driver unless stated; `again` is looped over
// here.
#pragma once

#include <bit>
#include <cstdint>

#include "capabilities/capability.hpp"
#include "capabilities/interface/flush_line.hpp"
#include "usr/runtime/system_call.hpp"

namespace skerry::runtime {

using capabilities::Capability;
using capabilities::Rights;
using capabilities::Type;

// A root CNode: a capability space. Destinations, and the slots of delete, revoke and identify, are in that
// space; sources are in the caller's own.
struct CNodeCap {
    CapRef ref = capabilities::well_known::root_cnode;

    Status copy(CapRef destination, CapRef source) const;
    // Narrows rights; `badge` only for endpoints whose badge is 0.
    Status mint(CapRef destination, CapRef source, Rights mask, uint32_t badge = 0) const;
    Status move(CapRef destination, CapRef source) const;
    // `count` objects of `size` bytes, side by side from `offset` in the source, into slots in a row. All or
    // none.
    Status retype(CapRef destination, CapRef source, Type type, uint32_t level, uint64_t offset, uint64_t size,
                  uint64_t count = 1) const;
    Status remove(CapRef slot) const;  // delete: one copy
    // Every other copy and all descendants; but an anchor of ours, if it is named.
    Status revoke(CapRef slot, CapRef spared = CapRef{}) const;
    Result<Capability> identify(CapRef slot) const;
    // Copies out of that space into the own one.
    Status fetch(CapRef own_destination, CapRef slot) const {
        return invoke(ref, capabilities::CNodeOperation::fetch, slot.word, own_destination.word).status();
    }
};

struct FrameCap {
    CapRef ref;
    Status clean() const;  // finishes zeroing; needed before a frame above 64 KiB can be mapped
};

struct VNodeCap {
    CapRef ref;
    // Maps `entries` pages of a frame (flags: map_flags), or one lower VNode (offset 0, entries 1), from
    // entry `index` on; the proof goes to the empty slot `mapping` of the own space.
    Status map(uint32_t index, CapRef source, CapRef mapping, uint64_t flags, uint64_t offset, uint32_t entries) const {
        return invoke(ref, capabilities::VNodeOperation::map, index, source.word, mapping.word, flags, offset, entries)
            .status();
    }
};

struct MappingCap {  // unmap = delete the Mapping
    CapRef ref;
    Status protect(uint64_t flags) const {
        return invoke(ref, capabilities::MappingOperation::protect, flags).status();
    }
};

struct DispatcherCap {
    using Operation = capabilities::DispatcherOperation;
    CapRef ref = capabilities::well_known::dispatcher;

    Status configure(CapRef cspace, CapRef vspace, CapRef page_frame, uint64_t page_address, CapRef fault) const {
        return invoke(ref, Operation::configure, cspace.word, vspace.word, page_frame.word, page_address, fault.word)
            .status();
    }
    Status start() const { return invoke(ref, Operation::start).status(); }
    Status stop() const { return invoke(ref, Operation::stop).status(); }
    Status reserve_best_effort(uint64_t weight) const {
        return invoke(ref, Operation::reserve, capabilities::ReservationKind::best_effort, weight).status();
    }
    // `refused` if the core cannot promise it.
    Status reserve_hard(uint64_t budget_ns, uint64_t period_ns) const {
        return invoke(ref, Operation::reserve, capabilities::ReservationKind::hard, budget_ns, period_ns).status();
    }
    Status bind(CapRef endpoint, uint64_t token) const {
        return invoke(ref, Operation::bind, endpoint.word, token).status();
    }
    Status make_notify(CapRef destination) const {
        return invoke(ref, Operation::make_notify, destination.word).status();
    }
    // A Flush capability for this dispatcher's space, by the FlushLine at `offset` (multiple of 64) of a frame of this
    // core's memory. Errors: refused (another core's memory), busy (it has one).
    Status make_flush(CapRef destination, CapRef frame, uint64_t offset) const {
        return invoke(ref, Operation::make_flush, destination.word, frame.word, offset).status();
    }
    Status set_domain(base::DomainId id) const { return invoke(ref, Operation::set_domain, id.value).status(); }

    struct State {
        capabilities::DispatcherState state{};
        uint64_t cpu_ns = 0, deadline_misses = 0, upcalls = 0;
    };
    Result<State> read_state() const;
};

struct NotifyCap {
    static constexpr auto operation = capabilities::NotifyOperation::poke;
    CapRef ref;
    // `message`: the key of the message that the poke is for, which the trace then shows; 0 = none.
    Status poke(uint64_t message = 0) const { return invoke(ref, operation, message).status(); }
};

// line.ask(address), FlushCap.request(), then poll line.answered(): one page is out of the other core's TLB, by its
// driver alone (capabilities/interface/flush_line.hpp).
struct FlushCap {
    static constexpr auto operation = capabilities::FlushOperation::request;
    CapRef ref;
    Status request() const { return invoke(ref, operation).status(); }
};

struct KernelCap {
    using Operation = capabilities::KernelOperation;
    CapRef ref = capabilities::well_known::kernel;

    Status create(CapRef destination, const Capability& capability) const;
    Result<uint64_t> count(Type type) const { return invoke(ref, Operation::count, type).first(); }
    struct TraceEvent {
        uint64_t next = 0, time_ns = 0, kind = 0, argument = 0;
    };
    Result<TraceEvent> trace_read(uint64_t position) const;
    Status set_clock_offset(int64_t ns) const { return invoke(ref, Operation::set_clock_offset, ns).status(); }
    struct Info {
        uint64_t core = 0, hardware_id = 0, image_base = 0, poke_page = 0;
    };
    Result<Info> info() const;
    struct Statistics {
        uint64_t idle_ns = 0, switches = 0, system_calls = 0, interrupts = 0;
    };
    Result<Statistics> statistics() const;
    // Capabilities that other cores hold, too (system_call.hpp).
    Status anchor(CapRef slot, Rights rights) const {
        return invoke(ref, Operation::anchor, slot.word, rights).status();
    }
    struct Relations {
        bool copies = false, descendants = false, in_range = false;
        uint64_t around_base = 0, around_bytes = 0;  // of the innermost RAM here that it is a part of; no bytes: none
        bool alone() const { return !copies && !descendants; }
    };
    Result<Relations> relations(CapRef slot, uint64_t offset = 0, uint64_t size = 0) const;
    Status watch(CapRef dispatcher) const { return invoke(ref, Operation::watch, dispatcher.word).status(); }
};

struct KernelControlCap {
    using Operation = capabilities::KernelControlOperation;
    CapRef ref = capabilities::well_known::kernel_control;

    Status init(base::HardwareId core) const { return invoke(ref, Operation::init, core.value).status(); }
    Status startup(base::HardwareId core, uint32_t page) const {
        return invoke(ref, Operation::startup, core.value, page).status();
    }
    Status withdraw(CapRef ram) const;  // loops over `again`
};

struct PortsCap {
    using Operation = capabilities::PortsOperation;
    CapRef ref = capabilities::well_known::ports;

    Result<uint64_t> in(uint32_t port, uint32_t width) const { return invoke(ref, Operation::in, port, width).first(); }
    Status out(uint32_t port, uint32_t width, uint32_t value) const {
        return invoke(ref, Operation::out, port, width, value).status();
    }
};

struct InterruptCap {
    CapRef ref = capabilities::well_known::interrupt;
    using Operation = capabilities::InterruptOperation;
    // An interrupt pokes the dispatcher from now on, and masks itself until acknowledge(). -> the vector
    Result<uint64_t> connect(uint32_t index, CapRef dispatcher) const {
        return invoke(ref, Operation::connect, index, dispatcher.word).first();
    }
    // A line (with interrupt_mode) of the controller at this offset of a device region arrives as this vector.
    Status route(uint32_t index, CapRef controller, uint64_t offset, uint64_t line) const {
        return invoke(ref, Operation::route, index, controller.word, offset, line).status();
    }
    // The next one may come. An edge in between is lost: look at the device once more afterwards. -> interrupts taken
    // so far, modulo 2^32. Errors: closed (not connected).
    Result<uint64_t> acknowledge(uint32_t index) const { return invoke(ref, Operation::acknowledge, index).first(); }
    Status disconnect(uint32_t index) const { return invoke(ref, Operation::disconnect, index).status(); }
    // What arrives are messages of a device: a storm of them is held up by bits (with interrupt_mode) of its register.
    Status mask_by(uint32_t index, CapRef region, uint64_t offset, uint64_t bits) const {
        return invoke(ref, Operation::mask_by, index, region.word, offset, bits).status();
    }
    struct Mask {
        uint64_t address = 0, bits = 0;  // 0, 0: none
        constexpr bool operator==(const Mask&) const = default;
    };
    Result<Mask> mask(uint32_t index) const {
        Values answer = invoke(ref, Operation::mask, index);
        if (answer.error != Error::none) return answer.error;
        return Mask{answer.value[0], answer.value[1]};
    }
};

struct PerformanceCounterCap {
    CapRef ref = capabilities::well_known::performance_counter;
    Result<uint64_t> read(uint32_t index) const {
        return invoke(ref, capabilities::PerformanceCounterOperation::read, index).first();
    }
};

}  // namespace skerry::runtime
