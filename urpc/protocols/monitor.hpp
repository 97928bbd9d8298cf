// What a program asks of its own core's monitor, over the rings made at spawn; requests about another core
// are forwarded by it. Failures travel as the Error of the call.
//
// The program has side a of those rings. It wakes the monitor by a same-core message whose word 0 is
// poke_opcode; the monitor wakes it through its Notify.
//
// Binding by name. Capabilities cannot ride in a ring: the monitor delivers them by same-core messages to the
// program's endpoint, before the URPC message that speaks of them.
//
//   client          client's monitor        service's monitor          service
//     | --Bind(name)-----> | --(directory, forward)--> |                   |
//     |                    |                           | --2 x Delivery--> |  frame, notify   (LRPC)
//     |                    |                           | --Incoming------> |
//     |                    |                           | <-----Answer----- |
//     | <-2 x Delivery---- | <------------------------ |                   |                  (LRPC)
//     | <--Bound---------- |                           |                   |
//
// The frame is paid by the client, who has side a; the service has side b. Both get it without the revoke
// right, and the memory service lets nobody but the monitor give it back: neither side can take it from under
// the other. When either dies, the other gets ChannelGone, stops using the frame, unmaps it and answers
// ChannelReleased; only then is the memory taken back.
#pragma once

#include "capabilities/interface/system_call.hpp"
#include "urpc/protocol.hpp"
#include "urpc/protocols/comings.hpp"
#include "urpc/protocols/questions.hpp"

namespace skerry::urpc::monitor {

using Name = String<32>;
using Word4 = std::array<uint64_t, 4>;  // a capability's value (capabilities/capability.hpp), or a part of a table

// The LRPC message that brings one capability: word 0 delivery_opcode, word 1 channel, word 2 DeliveryKind.
constexpr uint64_t delivery_opcode = 0x72'6576'696c'6564;  // "deliver"
constexpr uint64_t poke_opcode = 0x656b'6f70;              // "poke": nothing but a wake-up
enum class DeliveryKind : uint64_t { frame, notify, count_ };

// --- programs ---
constexpr size_t arguments_bytes = 512;
namespace spawn_flags {
constexpr uint64_t background = 1;  // nobody will wait: the exit is kept only in the log of exits
constexpr uint64_t manager = 2;     // it may manage the machine: of a manager's to give
}  // namespace spawn_flags
// Errors: not_found (core or program), corrupt (its ELF), no_memory, full (domains of that core), refused (the asker is no
// manager and wants to start one).
struct Spawned {
    base::DomainId domain;
};
// For `core`: wherever the knowledge base puts it, or else here.
constexpr base::CoreId any_core{~uint32_t{0}};
struct Spawn {
    using Response = Spawned;
    base::CoreId core;
    Name name;
    Bytes<arguments_bytes> arguments;  // each ends with a zero byte
    uint64_t flags;
};

// Answered when the domain has ended and its memory has come back. reason: empty, or one line without the
// program's name, such as "page fault (read) at 0x10, ip 0x401234". Errors: not_found (never was, or its end
// is forgotten).
struct Ended {
    uint32_t status;
    String<96> reason;
};
struct AwaitEnd {
    using Response = Ended;
    base::DomainId domain;
};
// Answered when it is being torn down; AwaitEnd tells when it is gone. Errors: not_found, refused (part of
// the system, or started by somebody else: only a manager, such as the shell, may kill every program).
struct Killed {};
struct Kill {
    using Response = Killed;
    base::DomainId domain;
};

enum class DomainState : uint32_t { starting, running, blocked, ending, count_ };
// The domain of that core with the least id after `after`. Errors: not_found (core), out_of_range (no more).
struct DomainInfo {
    base::DomainId domain;
    base::DomainId parent;
    Name name;
    DomainState state;
    bool measured;          // else the monitor does not hold the dispatcher: cpu_ns and memory_bytes mean nothing
    uint64_t cpu_ns;        // used
    uint64_t memory_bytes;  // held
    uint64_t memory_limit;
};
struct NextDomain {
    using Response = DomainInfo;
    base::CoreId core;
    base::DomainId after;  // 0 = the first
};

// --- cores and their resources ---
enum class CoreState : uint32_t { offline, starting, online, failed, count_ };
// By dense index. Errors: out_of_range (no such core in this machine).
struct CoreInfo {
    base::CoreId core;
    CoreState state;
    base::PackageId package;
    base::NodeId node;
    base::HardwareId hardware;
    uint64_t kernel_base;  // physical address of the core's image
    bool timer_ok;         // its clock ticks and was aligned with core 0's
    uint64_t idle_ns;
    uint64_t uptime_ns;
    uint32_t core_count;  // of the machine
    String<48> reason;    // why it has failed; else empty
};
struct CoreStatus {
    using Response = CoreInfo;
    base::CoreId core;
};
// How far a node's memory is from another's cores, as the firmware says. Errors: out_of_range (no such node).
constexpr size_t nodes_maximum = 64;
struct Distances {
    uint32_t nodes;                         // of the machine
    std::array<uint8_t, nodes_maximum> to;  // in SLIT's unit: local = 10
};
struct NodeDistances {
    using Response = Distances;
    base::NodeId from;
};
// A region of that core's memory service (urpc/protocols/memory.hpp). Errors: not_found (core), out_of_range.
struct MemoryInfo {
    base::NodeId node;
    uint64_t base;
    uint64_t size;
    uint64_t free;
    uint64_t largest_free;
    uint64_t blocks;
    uint64_t shape;  // of the list of free blocks
    uint32_t regions;
};
struct MemoryStatistics {
    using Response = MemoryInfo;
    base::CoreId core;
    uint32_t region;
};
// Sums over all cores whose monitors answer. Errors: timed_out, no_memory.
struct Totals {
    uint32_t cores;         // that are in the sums
    uint32_t cores_online;  // more, if some monitor is silent
    uint64_t size;          // bytes of memory
    uint64_t free;
    uint64_t blocks;  // granted
    uint64_t domains;
    uint64_t kept;  // bytes that are not free, of the monitors' own: heaps, page tables, slots, rings, pages for more
};
struct MachineTotals {
    using Response = Totals;
};
// Capabilities of one type on one core. Errors: not_found (core), out_of_range (no such type).
struct CapabilityCount {
    uint64_t count;
};
struct CountCapabilities {
    using Response = CapabilityCount;
    base::CoreId core;
    uint32_t type;  // capabilities::Type
};
// What that core's monitor holds on behalf of programs: equal before and after whatever leaves nothing behind.
// Errors: not_found (core).
struct Held {
    uint32_t channels;  // ends of channels
    uint32_t frames;    // of coroutines that are not done, the one that answers this included
};
struct CountHeld {
    using Response = Held;
    base::CoreId core;
};
// The first capability of a domain at or after a slot. Errors: not_found (domain), out_of_range (no more).
struct CapabilityInfo {
    uint64_t slot;  // CapRef word in the domain's own space
    uint64_t next;  // cursor
    Word4 capability;
};
struct NextCapability {
    using Response = CapabilityInfo;
    base::DomainId domain;
    uint64_t cursor;  // 0 = from the first
};
// Events of that core's trace ring from a position on. Errors: not_found (core).
struct TraceEvent {
    uint64_t time_ns;
    uint64_t kind;  // capabilities::TraceKind
    uint64_t argument;
};
struct TraceEvents {
    uint64_t next;
    uint64_t lost;
    uint32_t count;
    std::array<TraceEvent, 16> events;
};
struct ReadTrace {
    using Response = TraceEvents;
    base::CoreId core;
    uint64_t position;
};
// Names of the programs in the boot archive, in its order. Errors: out_of_range (no more).
struct ProgramName {
    Name name;
    uint64_t bytes;
};
struct ListPrograms {
    using Response = ProgramName;
    uint32_t index;
};

// --- services ---
// Errors: exists, full, invalid_argument (empty name).
struct ServiceRegistered {};
struct RegisterService {
    using Response = ServiceRegistered;
    Name name;
    uint64_t protocol;  // Protocol::hash
};
// Waits up to `patience_ns` for the name to be registered. Errors: timed_out (no such name), refused (another
// protocol, or the service said so), no_memory, full, invalid_argument (bytes).
struct Bound {
    uint64_t channel;  // names the channel between this program and its monitor
    uint64_t bytes;    // of the frame
    base::DomainId service;
};
struct Bind {
    using Response = Bound;
    Name name;
    uint64_t protocol;
    uint64_t patience_ns;
    uint64_t bytes;  // of the frame: a power of two, 4 to 64 KiB
};
// What a protocol needs: rings of 4 KiB pass messages of up to 16 lines, of 16 KiB the longest.
constexpr uint64_t frame_bytes_for(size_t lines) {
    return lines <= 16 ? 4096 : 16384;
}
constexpr uint32_t offers_at_once = 4;  // to one service, each with two capabilities; the rest waits
struct Incoming {                       // monitor -> service, when both capabilities have been delivered
    uint64_t channel;
    uint64_t bytes;
    base::DomainId client;
    uint64_t service_protocol;  // which of the registered services: its hash
    bool manager;               // init has given the client the right to manage the machine, its monitor says
};
struct Answer {  // service -> monitor
    uint64_t channel;
    base::Error error;  // none = accepted
};
struct ChannelGone {  // monitor -> program
    uint64_t channel;
};
struct ChannelReleased {  // program -> monitor
    uint64_t channel;
};
struct CloseChannel {  // program -> monitor: done with it, the frame is unmapped
    uint64_t channel;
};

// --- capabilities on a channel (urpc/capability.hpp) ---
// The receiver offers empty slots of its own space, a few at a time; into one of them the receiver's monitor puts what
// the sender's monitor brings. What nobody has offered room for is not delivered (law 11).
constexpr uint32_t slots_offered_maximum = 4;  // a channel
struct OfferSlot {                             // program -> monitor. More than the maximum breaks the protocol
    uint64_t channel;
    uint64_t slot;
};
// Answered when nothing comes into the slots any more; what came lies there. No error if the channel is gone.
struct OffersWithdrawn {};
struct WithdrawOffers {
    using Response = OffersWithdrawn;
    uint64_t channel;
};
// The sender's own slot; the sender keeps what is in it. Errors: full (the receiver offered no slot within `patience`),
// no_capability, no_right (transfer), refused (a type that does not leave its core), unclean, closed (the channel).
struct Transferred {
    uint64_t slot;  // of the receiver
};
struct Transfer {
    using Response = Transferred;
    uint64_t channel;
    uint64_t slot;
    uint8_t rights;  // go along at most
    uint64_t patience_ns;
};

// --- a program on several cores (usr/span) ---
// Memory that all its cores may map: a frame, read and write, in that empty slot. It is the monitor's to give back, when the
// program has ended on every core. Errors: invalid_argument (no power of two, or no slot), out_of_range, exists (one a
// program), refused (a member asks), no_memory.
constexpr uint64_t arena_least = 4096, arena_most = 64 * 1024 * 1024;
struct ArenaMade {};
struct MakeArena {
    using Response = ArenaMade;
    uint64_t bytes;
    uint64_t slot;
};
// One more dispatcher of the asking program, on another core. It has the program's text and, from `shared_start` to
// `shared_end`, the asker's own memory; a slot of its own for the arena and one that pokes the asker (well_known). The
// asker gets, in its empty slots: what pokes the member, its Flush capability and the frame of the FlushLine for that.
// Whichever ends, all end. Errors: not_found (core), exists (a member is there), refused (a member asks), closed (no arena),
// full, invalid_argument (range, slots), and those of Spawn.
struct Spanned {
    base::DomainId member;
};
struct Span {
    using Response = Spanned;
    base::CoreId core;
    uint64_t shared_start, shared_end;
    uint64_t notify, flush, line;  // slots
    Word4 word;                    // StartInfo::word of the member
};

// Every copy of what lies in this slot, and everything made of it, on all cores, but the slot itself: gone when the answer
// comes. (CNode.revoke does the same within a core, and fails with `shared` if there is more.) Errors: those of
// CNode.revoke; closed (a core that holds some does not answer).
struct Revoked {};
struct Revoke {
    using Response = Revoked;
    uint64_t slot;
};
// CNode.retype, also of memory that other cores hold: they are asked whether they have made anything of the same range, and
// make nothing of it meanwhile. `count` objects in empty slots in a row, all or none. Errors: those of CNode.retype but
// `shared`; full (too much of this is going on), closed (a core that holds some does not answer).
struct Retyped {};
struct Retype {
    using Response = Retyped;
    uint64_t source, destination;  // slots
    uint32_t type;                 // capabilities::Type
    uint32_t level;                // of VNodes
    uint64_t offset, size, count;  // from the source's base; of an object; objects
};
// Objects of that core's memory that other cores hold, and the other way round. Errors: not_found (core).
struct Sharing {
    uint32_t exported;
    uint32_t holders;  // sum over them
    uint32_t imported;
    uint64_t lines;  // that its monitor has written to other monitors
};
struct CountSharing {
    using Response = Sharing;
    base::CoreId core;
};

// --- interrupts that devices send as messages ---
// A vector of this core, as an Interrupt capability in the asker's empty slot: what arrives with that number at that
// processor pokes whoever connects it. Nothing arrives before somebody tells a device so (urpc/protocols/pci.hpp).
// It is free again when the program has ended. Errors: full (vectors_maximum of the program's, or all), those of retype.
constexpr uint32_t vectors_maximum = 4;
struct InterruptTaken {
    uint32_t vector;
    base::HardwareId hardware;  // of this core
};
struct TakeInterrupt {
    using Response = InterruptTaken;
    uint64_t slot;
};
// Whose vector that is: what a service asks before it lets a device send there. Errors: not_found (core, or nobody's).
struct InterruptHolder {
    base::DomainId domain;
    base::HardwareId hardware;
    uint64_t mask_address, mask_bits;  // of the register that masks its messages, with interrupt_mode; 0, 0: none
};
struct FindInterrupt {
    using Response = InterruptHolder;
    base::CoreId core;
    uint32_t vector;
};

// --- the machine --- answered only if it fails. Errors: refused (not for this program), unsupported.
enum class PowerAction : uint32_t { off, reboot, count_ };
struct PowerFailed {};
struct Power {
    using Response = PowerFailed;
    PowerAction action;
};

using Protocol =
    urpc::Protocol<Spawn, Spawned, AwaitEnd, Ended, Kill, Killed, NextDomain, DomainInfo, CoreStatus, CoreInfo,
                   NodeDistances, Distances, MachineTotals, Totals, MemoryStatistics, MemoryInfo, CountCapabilities,
                   CapabilityCount, NextCapability, CapabilityInfo, ReadTrace, TraceEvents, ListPrograms, ProgramName,
                   RegisterService, ServiceRegistered, Bind, Bound, Incoming, Answer, ChannelGone, ChannelReleased,
                   CloseChannel, Power, PowerFailed, OfferSlot, WithdrawOffers, OffersWithdrawn, Transfer, Transferred,
                   CountHeld, Held, MakeArena, ArenaMade, Span, Spanned, Revoke, Revoked, Retype, Retyped, CountSharing,
                   Sharing, TakeInterrupt, InterruptTaken, FindInterrupt, InterruptHolder, NextQuestion, Question,
                   KnowledgeChanged, NextTreeEdge, TreeEdge, FailCore, CoreFailed, ListCaches, Caches, StartCore,
                   CoreStarted>;
static_assert(Protocol::max_lines <= 16);  // fits a ring of 4 KiB with both directions

}  // namespace skerry::urpc::monitor
