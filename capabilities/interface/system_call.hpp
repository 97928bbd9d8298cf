// System calls and invocation numbers: what a program may ask of its CPU driver. A number with the top bit set is
// Skerry's own; any other is reflected to the dispatcher's trap upcall with all registers kept.
// The registers that carry the words are the platform's choice (platforms/<isa>/user/).
#pragma once

#include <cstdint>

#include "capabilities/interface/reference.hpp"
#include "platforms/base/result.hpp"

namespace skerry::capabilities {

enum class SystemCall : uint64_t {
    nop = uint64_t{1} << 63,  // decodes and returns: for measuring
    invoke,                   // target, operation, up to 6 arguments -> error, 4 values
    send,                     // endpoint, SendHeader, 10 words -> error. May switch straight to the receiver (LRPC)
    wait,   // deadline in ns (0 = for ever): gives up the core until a message, a poke or the deadline.
            // Never returns: the next upcall is the answer. Call it disabled; a poke since the last upcall counts.
    yield,  // lets others run; later resumed as if preempted. -> error none
};
constexpr uint64_t own_call_bit = uint64_t{1} << 63;

constexpr uint32_t invocation_arguments = 6;
constexpr uint32_t invocation_values = 4;
constexpr uint32_t message_words = 10;

// The header of a same-core message.
//   bits 3..0 length in words (0..10) | bit 4 a capability rides along | bit 5 received: it lies in the receive slot
//   bit 6 received: a capability came but the receive slot could not take it (the sender still has its own)
//   bit 7 sent: the capability is given away, not copied: the sender's slot is empty when the send has succeeded. If
//   the receiver cannot take it, or dies before, it comes back into that slot, if the sender has left it empty
//   bits 63..32 sent: the CapRef word of the capability (second-level slots only)
struct SendHeader {
    uint64_t word = 0;
    static constexpr uint64_t carries_cap = 1 << 4;
    static constexpr uint64_t cap_received = 1 << 5;
    static constexpr uint64_t cap_refused = 1 << 6;
    static constexpr uint64_t gives_cap = 1 << 7;
    constexpr SendHeader() = default;
    constexpr explicit SendHeader(uint64_t w) : word(w) {}
    static constexpr SendHeader words(uint32_t length) { return SendHeader{length}; }
    static constexpr SendHeader with_cap(uint32_t length, CapRef cap) {
        return SendHeader{uint64_t{length} | carries_cap | cap.word << 32};
    }
    static constexpr SendHeader giving_cap(uint32_t length, CapRef cap) {
        return SendHeader{with_cap(length, cap).word | gives_cap};
    }
    constexpr uint32_t length() const { return word & 15; }
    constexpr bool has_cap() const { return (word & carries_cap) != 0; }
    constexpr bool gives() const { return (word & gives_cap) != 0; }
    constexpr CapRef cap() const { return CapRef{word >> 32}; }
};

// Operations by type of the invoked capability. arguments -> values; needed right.
enum class CNodeOperation : uint32_t {  // all need `write` on the invoked root CNode (the destination space)
    copy,                               // dest, source
    mint,                               // dest, source, rights mask, badge (badge only for endpoints whose badge is 0)
    move,                               // dest, source
    retype,   // dest (first of `count` slots in a row), source, type | level << 8, offset, object size, count
              //   -> objects made; error again if fewer than count: call again for the rest
    delete_,  // slot in the invoked space                     -> again while work is left
    revoke,  // slot in the invoked space, an anchor of the same object in the caller's own that stays, too, or 0; needs the
             //   slot's revoke right                            -> again while work is left
    identify,  // slot in the invoked space -> the four words of the Capability (needs `read` instead)
    fetch,     // slot in the invoked space, dest in the caller's own: copies it out (needs `read` instead)
};
enum class FrameOperation : uint32_t {
    clean,  // zero the next 64 KiB -> again while some is left (retype has done the first 64 KiB)
};
enum class VNodeOperation : uint32_t {  // need `write`
    map,  // entry index, source, dest of the Mapping, MapFlags, byte offset into source, entries
};
enum class MappingOperation : uint32_t {
    protect,  // MapFlags: narrows or restores rights within those that the Mapping was made with
};
enum class DispatcherOperation : uint32_t {  // need `control`, but read_state: `read`
    configure,    // cspace root, vspace root, frame of the dispatcher page, its user address, fault endpoint
    start,        //
    stop,         //
    reserve,      // ReservationKind, then weight (best effort) or budget ns, period ns (hard)
    bind,         // endpoint, token: from now on its messages come as this dispatcher's upcalls
    make_notify,  // dest: a Notify capability that pokes this dispatcher
    set_domain,   // DomainId word: how traces and fault messages name it
    read_state,   // -> DispatcherState, ns of CPU time used, deadline misses, upcalls
    make_flush,  // dest, frame (needs `read`, `write`; of this core's memory), byte offset of a FlushLine in it: a Flush
                 //   capability for this dispatcher's space, its only one; ends with dispatcher, frame or capability
};
enum class NotifyOperation : uint32_t {  // needs `send`
    poke,                                // key of the message that it is for, or 0: for the trace; further ones (below)
};
enum class FlushOperation : uint32_t {  // needs `send`
    request,  // further ones, 32 bits of a reference each, two in a word; 0 = none, a word of 0 ends them: has the drivers of
              //   the dispatchers' cores look at their FlushLines, by interrupt if others
};
enum class KernelOperation : uint32_t {  // need `control`, the reading ones `read`
    create,                              // dest, then the four words of a Capability that arrived from another core
    count,                               // Type -> number of capabilities of that type on this core
    trace_read,        // position -> next position, time ns, TraceKind, argument. More than one was passed over: lost
    set_clock_offset,  // signed ns between this core's cycle counter and its clock, which never runs backwards
    info,              // -> core id, hardware id, physical base of the image, bytes of image, state and stack
    statistics,        // -> ns idle, switches, system calls, interrupts
    anchor,            // slot, Rights: this one stands for an object that other cores hold, too: with these rights from
                       //   now on, taken away by delete only. A revoke that comes to it fails with `shared`
    relations,         // slot, offset, size -> 1 if there are copies | 2 something made of it | 4 in that range of it;
                       // base, size of the innermost RAM here of which it is a part (0, 0: none)
    watch,             // dispatcher: is poked, and DispatcherPage::changes counts, when an anchor was recalled or
                       //   something of another core's memory was deleted
};
enum class KernelControlOperation : uint32_t {  // need `control`
    init,                                       // hardware id: stop that core and make it wait for start-up (x86 INIT)
    startup,                                    // hardware id, start page number below 1 MiB (x86 SIPI)
    withdraw,  // RAM slot, 2 MiB aligned, at most 1 GiB, without descendants: this driver forgets the memory (no
               // kernel mapping of it is left) and its capability becomes foreign
};
enum class PortsOperation : uint32_t {  // need `read` / `write`; width in bytes 1, 2, 4
    in,                                 // port, width -> value
    out,                                // port, width, value
};
// An interrupt that was taken masks its line until it is acknowledged, whatever the device does meanwhile.
enum class InterruptOperation : uint32_t {  // need `control`; first argument: index within the capability's vectors
    connect,                                // index, dispatcher: an interrupt pokes it -> vector number
    route,        // index, DeviceRegion of an interrupt controller (needs `write`), byte offset of its registers,
                  //   line | interrupt_mode: that line arrives as this vector from now on, masked until connected
    acknowledge,  // index: the next one may come -> interrupts taken since connect (modulo 2^32); closed if not connected
    disconnect,  // index: masked from now on; a message's device is left as it is
    mask_by,  // index, DeviceRegion (needs `control`), byte offset of a 32-bit register, bits | interrupt_mode: what arrives
    //   are a device's messages. A second one that comes before the first is acknowledged clears these bits (with
    //   masked_when_set: sets), the next acknowledgement puts them back and pokes once more, since one may have
    //   been lost. Until it is disconnected. Errors: closed (not connected), busy (has a register), full
    mask,  // index -> physical address of that register, bits | interrupt_mode; 0, 0 if there is none
};
namespace interrupt_mode {
constexpr uint64_t line_mask = 0xffff'ffff, level_triggered = uint64_t{1} << 32, active_low = uint64_t{1} << 33;
constexpr uint64_t masked_when_set = uint64_t{1} << 34;
}  // namespace interrupt_mode
enum class PerformanceCounterOperation : uint32_t { read };  // index -> value (0 = cycles)

// Rights and memory attributes of a mapping.
namespace map_flags {
constexpr uint64_t read = 1, write = 2, execute = 4;
constexpr uint64_t attribute_shift = 8;  // bits 9..8
constexpr uint64_t write_back = 0 << 8, uncached = 1 << 8, write_combining = 2 << 8, device = 3 << 8;
}  // namespace map_flags

enum class ReservationKind : uint64_t { best_effort, hard };
enum class DispatcherState : uint64_t { unconfigured, stopped, blocked, runnable, running, faulted };

}  // namespace skerry::capabilities
