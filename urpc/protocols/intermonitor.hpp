// What monitors say to each other. Both sides are trusted (they may forge capabilities: law 12), so
// capabilities travel as the four words of their value and are made again with Kernel.create; the sender
// keeps its own until the answer says that the receiver's core knows of them.
//
// Joining: a monitor greets the one that started its core over the frame named in its BootInfo; clocks are
// aligned; then it is online. Every monitor knows one other, the directory (the monitor of the core that
// booted), which can introduce it to any third one on demand:
//
//     a --Introduce(c)--> directory --Meet(a, frame, notify)--> c       from then on a and c talk directly
#pragma once

#include "urpc/group/tree.hpp"
#include "urpc/protocols/monitor.hpp"

namespace skerry::urpc::intermonitor {

using monitor::Name;
using RawCapability = monitor::Word4;

// --- joining ---
struct Welcome {
    uint32_t core_count;  // of the machine
    base::CoreId directory;
    base::NodeId node;      // of the memory that the joining core was started on
    uint64_t boot_time_ns;  // the starter's clock: first guess for one's own
};
struct Join {
    using Response = Welcome;
    base::CoreId core;
    base::HardwareId hardware;
    uint64_t kernel_base;
    RawCapability notify;  // pokes this monitor
};
// Four time stamps (Cristian 1989; RFC 5905): t1 sent, t2 received by the peer, t3 answered, t4 received. The
// asker takes the exchange with the least (t4 - t1) - (t3 - t2); offset = ((t2 - t1) + (t3 - t4)) / 2.
struct ClockEcho {
    uint64_t t2;
    uint64_t t3;
};
struct ClockProbe {
    using Response = ClockEcho;
    uint64_t t1;
};
struct Online {  // joined, clock aligned (or not: then the timer is not ok)
    base::CoreId core;
    bool timer_ok;
    int64_t clock_offset_ns;  // that was applied
    uint64_t clock_error_ns;  // half the round trip of the best exchange
};
struct Pong {
    uint64_t value;
};
struct Ping {
    using Response = Pong;
    uint64_t value;
};

// --- connecting on demand ---
struct Met {
    RawCapability notify;  // of the third monitor
};
struct Introduce {  // asker -> directory. Errors: not_found (core), no_memory
    using Response = Met;
    base::CoreId core;
    RawCapability frame;   // zeroed; the asker has side a
    RawCapability notify;  // of the asker
};
struct Meet {  // directory -> third
    using Response = Met;
    base::CoreId core;  // of the asker
    RawCapability frame;
    RawCapability notify;
};

// --- the group of all monitors (monitor/operation/gather.hpp) ---
// Members are indices of one generation; orders and answers go by the lines of urpc/group.
struct Linked {};
struct LinkGroup {  // parent -> child. Errors: refused (an older generation), no_memory
    using Response = Linked;
    uint64_t generation;
    group::Member parent;
    group::Member child;
    RawCapability frame;  // zeroed, of the parent's; down ring in its first half, up ring in the second
};
struct GroupChild {
    group::Member member;
    base::CoreId core;
    base::NodeId node;  // at which its rings lie
};
struct Seated {};
struct SitInGroup {  // directory -> member, whose parent has linked it. Errors: refused, and those of connecting
    using Response = Seated;
    uint64_t generation;
    group::Member self;
    uint32_t height;  // how deep the tree is
    uint32_t child_count;
    std::array<GroupChild, 16> children;  // in sending order
};
struct Unlinked {};
struct UnlinkGroup {  // parent -> child: the frame of that generation is wanted back
    using Response = Unlinked;
    uint64_t generation;
};

// --- forwarded requests of programs; answers and errors as in monitor.hpp ---
struct Spawn {
    using Response = monitor::Spawned;
    base::DomainId asker;
    Name name;
    Bytes<monitor::arguments_bytes> arguments;
    uint64_t flags;
};
// AwaitEnd in two halves, so that waiting holds no call slot: unless it has ended already, DomainEnded follows.
struct Watched {
    bool ended;  // then the rest is valid
    uint32_t status;
    String<96> reason;
};
struct Watch {  // Errors: not_found
    using Response = Watched;
    base::DomainId domain;
};
struct Kill {
    using Response = monitor::Killed;
    base::DomainId domain;
    base::DomainId asker;
    bool manager;  // the asker may kill every program; else only those that it started
};

// --- a program on several cores (monitor/operation/span.hpp) ---
struct MemberMade {
    base::DomainId member;
    RawCapability notify, flush, line;  // line: the frame of its FlushLine, at the receiver's core
};
struct MakeMember {  // Errors: those of spawning and of Kernel.create
    using Response = MemberMade;
    base::DomainId leader;
    Name name;
    RawCapability image, arena, notify;  // the leader's
    uint64_t shared_start, shared_end;
    std::array<uint64_t, 4> word;
};
struct MemberStopped {};  // it runs no more, and nobody there has any of the leader's memory
struct StopMember {
    using Response = MemberStopped;
    base::DomainId member;
    uint32_t status;
    String<96> reason;
};
struct MemberReleased {};
struct ReleaseMember {  // the leader maps none of the member's memory any more
    using Response = MemberReleased;
    base::DomainId member;
};
struct MemberHeard {};
struct MemberEnded {  // member's monitor -> leader's, which ends the whole. Errors: not_found (it has ended)
    using Response = MemberHeard;
    base::DomainId leader;
    uint32_t status;
    String<96> reason;
};

// --- services: names live at the directory ---
struct Registered {};
struct Register {  // Errors: exists, full
    using Response = Registered;
    Name name;
    base::DomainId service;
    uint64_t protocol;
};
struct Unregister {  // the service has died
    base::DomainId service;
};
struct Found {
    base::DomainId service;
    uint64_t protocol;
};
struct Lookup {  // at once: the asker has the patience, and holds no call slot meanwhile. Errors: not_found
    using Response = Found;
    Name name;
};
// Client's monitor -> service's monitor. Errors: not_found (the service died), refused, full, timed_out (the
// service does not answer).
struct BindAccepted {
    uint64_t channel;      // at the service's monitor
    RawCapability notify;  // pokes the service
};
struct Bind {
    using Response = BindAccepted;
    base::DomainId client;
    base::DomainId service;
    uint64_t protocol;
    uint64_t channel;      // at the client's monitor
    RawCapability frame;   // paid by the client; it has side a
    RawCapability notify;  // pokes the client
    bool manager;          // the client may manage the machine
};
// One end has died or closed. Answered when the other end no longer maps the frame.
struct ChannelReleased {};
struct ChannelGone {
    using Response = ChannelReleased;
    uint64_t channel;  // at the receiver's side
};

// A capability for the program at the receiver's end of a channel; the sender keeps its own. Errors: full (no slot
// offered), closed, those of Kernel.create.
struct Delivered {
    uint64_t slot;  // of the program
};
struct Deliver {
    using Response = Delivered;
    uint64_t channel;  // at the receiver's side
    RawCapability capability;
    bool shared;  // memory of the sender's core, which keeps book of who holds it
};

// --- memory that several cores hold (monitor/agreement/agreement.md); said to its owner ---
struct
    CopyOut {  // a holder wants another core's program, or one of the owner's, to have a copy. Errors: of Deliver, no_capability
    using Response = Delivered;
    RawCapability object;
    base::CoreId core;
    uint64_t channel;  // at that core's monitor
};
struct Declared {};
struct
    Declare {  // a holder has made this part of what it holds, and gives a part of that away. Errors: no_capability, full
    using Response = Declared;
    RawCapability object;
};
struct TakenBack {};
struct
    TakeBack {  // from all but the holder that asks. Errors: no_capability (it holds none), closed (a core does not answer)
    using Response = TakenBack;
    RawCapability object;
};
struct Released {
    bool gone;  // the owner has no holder there any more
};
struct Release {  // a holder has nothing left of it
    using Response = Released;
    RawCapability object;
};
// A holder wants to make something of a range. Made when the answer comes. Errors: overlaps (somebody has made something
// of it), no_capability (it holds none), full, closed.
struct Claimed {};
struct Claim {
    using Response = Claimed;
    RawCapability object;
    uint64_t offset, size;
    uint32_t wish;  // the holder's number for what it is about to make
};
// A tree over cores (monitor/agreement/order_tree.hpp): two bytes a core, it and how many are below it, which come next.
using TreeBytes = Bytes<510>;
// An order of the owner's, down a tree of monitors; the answer is merged on the way up.
enum class OrderKind : uint32_t { let_go, withdraw, prepare, decide, count_ };
struct Agreed {
    base::Error error;
    uint64_t sum;
    uint64_t lost;
};
struct Agree {
    using Response = Agreed;
    OrderKind kind;
    base::CoreId root;
    RawCapability object;
    std::array<uint64_t, 4> below;  // for which the receiver answers, too: a set of cores
    // prepare, decide: number of the operation; all below `concluded` are over; the range that is to be retyped
    uint32_t number;
    uint32_t concluded;
    bool commit;
    uint64_t offset;
    uint64_t size;
    base::CoreId maker;  // whose wish it is
    uint32_t wish;
};
struct AgreeAlong {  // the same, where a tree was chosen: the receiver splits those below as it says
    using Response = Agreed;
    Agree order;
    TreeBytes tree;
};

// A core was lost: what the sender holds of its memory is the receiver's from now on (monitor/operation/inherit.cpp). An empty
// object: that was all. Errors: refused (there is no room for it; what is left of that core stays without an owner).
struct Inherited {};
struct Inherit {
    using Response = Inherited;
    base::CoreId lost;
    RawCapability object;
};

// --- the knowledge base: said to the directory, whose core it is on ---
struct Chosen {
    base::CoreId core;
};
struct ChooseCore {  // for one more program that was asked for on `from`. Always a core that is online
    using Response = Chosen;
    base::CoreId from;
};
struct CoreLoad {
    base::CoreId core;
    uint32_t domains;
};
struct TreeGiven {
    TreeBytes tree;  // over all that run but the asker; empty: the rules give none that can be used
};
struct AskTree {  // along which the asker's orders shall go. Errors: closed (there is no knowledge base now), timed_out
    using Response = TreeGiven;
    base::CoreId asker;
};
struct TreesChanged {  // directory -> all others: what AskTree answers may not be the same any more
    uint64_t version;  // grows
};

// --- news ---
struct
    CoreLost {  // directory -> all others: that core is fenced, it will never answer (monitor/operation/lose_core.cpp)
    base::CoreId core;
};
struct Silent {  // to the directory: a call to that core's monitor waits, and nothing has come from it for 10 s
    base::CoreId core;
};
struct DomainEnded {  // to the monitors of domains that wait, and to those of its peers
    base::DomainId domain;
    uint32_t status;
    String<96> reason;
};

using Protocol = urpc::Protocol<
    Join, Welcome, ClockProbe, ClockEcho, Online, Ping, Pong, Introduce, Met, Meet, LinkGroup, Linked, SitInGroup,
    Seated, UnlinkGroup, Unlinked, monitor::MachineTotals, monitor::Totals, Spawn, monitor::Spawned, Watch, Watched,
    Kill, monitor::Killed, monitor::NextDomain, monitor::DomainInfo, monitor::CoreStatus, monitor::CoreInfo,
    monitor::NodeDistances, monitor::Distances, monitor::MemoryStatistics, monitor::MemoryInfo,
    monitor::CountCapabilities, monitor::CapabilityCount, monitor::NextCapability, monitor::CapabilityInfo,
    monitor::ReadTrace, monitor::TraceEvents, Register, Registered, Unregister, Lookup, Found, Bind, BindAccepted,
    ChannelGone, ChannelReleased, DomainEnded, monitor::Power, monitor::PowerFailed, Deliver, Delivered,
    monitor::CountHeld, monitor::Held, MakeMember, MemberMade, StopMember, MemberStopped, ReleaseMember, MemberReleased,
    MemberEnded, MemberHeard, monitor::CountSharing, monitor::Sharing, monitor::FindInterrupt, monitor::InterruptHolder,
    CopyOut, Declare, Declared, TakeBack, TakenBack, Claim, Claimed, Release, Released, Agree, Agreed, ChooseCore,
    Chosen, CoreLoad, monitor::NextTreeEdge, monitor::TreeEdge, CoreLost, Inherit, Inherited, monitor::FailCore,
    monitor::CoreFailed, monitor::ListCaches, monitor::Caches, AgreeAlong, AskTree, TreeGiven, TreesChanged,
    monitor::StartCore, monitor::CoreStarted, Silent>;
static_assert(Protocol::max_lines <= 16);

}  // namespace skerry::urpc::intermonitor
