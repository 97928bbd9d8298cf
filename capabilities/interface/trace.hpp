// Traces: bounded rings of 16-byte events that overwrite the oldest, always on. A CPU driver has one for its core; each
// program has one of its own (usr/runtime), since it must not write its driver's memory (law 1) and a message between
// cores makes no system call. Nobody reads them while they run but the driver's trace_read: whoever looks at the whole
// machine (./skerry boot --trace, gdb) finds them in its memory by `magic` and merges them by time.
//
//   +0    TraceHeader
//   +128  event: word 0  time 56 | kind 8    time: the low 56 bits of the core's cycle counter
//                word 1  argument            see TraceKind
//
// Time becomes ns by the multiplier and offset of the *driver's* header of that core, also for what was recorded before
// the offset was known.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace skerry::capabilities {

// What happened: argument. The table below names them for all who print.
enum class TraceKind : uint8_t {
    none,
    switch_to,      // DomainId word: this dispatcher runs
    system_call,    // operation, of an invocation
    send,           // a same-core message is queued: number << 32 | badge
    receive,        // its receiver is upcalled: number << 32 | low word of the token
    send_straight,  // a same-core message, at once received: DomainId word of the receiver, which runs now
    page_fault,     // address
    exception,      // number
    timer,          //
    poke,           // index of a Notify of this core: its dispatcher is woken
    interrupt,      // vector
    idle,           // nobody runs
    fault,          // FaultKind: the running dispatcher ended
    poke_sent,      // core << 32 | index of the Notify
    poke_message,   // key of the message that the poke before it is for
    urpc_send,      // message key
    urpc_receive,   // message key
    count_
};

struct TraceKindInfo {
    TraceKind kind;
    const char* name;
};
// tools/trace.py reads this table, too: one kind a line.
constexpr TraceKindInfo trace_kinds[] = {
    {TraceKind::none, "none"},
    {TraceKind::switch_to, "switch"},
    {TraceKind::system_call, "system call"},
    {TraceKind::send, "send"},
    {TraceKind::receive, "receive"},
    {TraceKind::send_straight, "send straight"},
    {TraceKind::page_fault, "page fault"},
    {TraceKind::exception, "exception"},
    {TraceKind::timer, "timer"},
    {TraceKind::poke, "poke"},
    {TraceKind::interrupt, "interrupt"},
    {TraceKind::idle, "idle"},
    {TraceKind::fault, "fault"},
    {TraceKind::poke_sent, "poke sent"},
    {TraceKind::poke_message, "poke message"},
    {TraceKind::urpc_send, "urpc send"},
    {TraceKind::urpc_receive, "urpc receive"},
};
constexpr bool trace_kinds_in_order() {
    for (size_t i = 0; i < std::size(trace_kinds); i++) {
        if (static_cast<size_t>(trace_kinds[i].kind) != i) return false;
    }
    return std::size(trace_kinds) == static_cast<size_t>(TraceKind::count_);
}
static_assert(trace_kinds_in_order());

constexpr const char* trace_kind_name(uint64_t kind) {
    return kind < std::size(trace_kinds) ? trace_kinds[kind].name : "unknown";
}

// The key of a message between cores, the same at both ends: the id and the running number that its first line carries,
// and the ring that it went through.
//   id 16 | number of the first line, modulo 65536, 16 | ring: core 8, domain counter 12, channel of the writer 12
constexpr uint64_t message_key(uint16_t id, uint64_t line, uint32_t ring) {
    return uint64_t{id} << 48 | (line & 0xffff) << 32 | ring;
}
constexpr bool argument_is_message_key(uint64_t kind) {
    return kind >= static_cast<uint64_t>(TraceKind::poke_message) && kind < static_cast<uint64_t>(TraceKind::count_);
}
constexpr uint32_t trace_ring_id(uint64_t core, uint64_t counter, uint64_t channel) {
    return static_cast<uint32_t>((core & 0xff) << 24 | (counter & 0xfff) << 12 | (channel & 0xfff));
}
struct MessageKey {
    uint64_t id, line, core, domain, channel;
};
constexpr MessageKey message_key_parts(uint64_t key) {
    return {key >> 48, key >> 32 & 0xffff, key >> 24 & 0xff, key >> 12 & 0xfff, key & 0xfff};
}
static_assert(message_key_parts(message_key(3, 65537, trace_ring_id(2, 5, 7))).domain == 5);

struct TraceEvent {
    uint64_t time_and_kind;
    uint64_t argument;
    constexpr uint64_t time() const { return time_and_kind >> 8; }
    constexpr uint64_t kind() const { return time_and_kind & 0xff; }
};
static_assert(sizeof(TraceEvent) == 16);

constexpr uint64_t trace_magic[2] = {0x6361'7274'796b'7301, 0x7972'7265'6b73'0d0a};
constexpr size_t trace_name_bytes = 32;

struct TraceHeader {
    uint64_t magic[2] = {};         // written at run time, so that the copies of an image carry none
    uint64_t capacity = 0;          // events
    uint64_t written = 0;           // events so far; number n lies at n % capacity
    uint64_t core = 0;              // dense index
    uint64_t domain = 0;            // DomainId word; 0 = the CPU driver
    uint64_t clock_multiplier = 0;  // driver: clock ns = (ticks * multiplier >> 32) + offset, 128-bit product
    int64_t clock_offset = 0;       // driver
    uint64_t clock_error = 0;       // monitor: ns by which the offset may be wrong
    uint64_t unused[3] = {};
    char name[trace_name_bytes] = {};  // of the program; zero-terminated if shorter
};
static_assert(sizeof(TraceHeader) == 128);

template <size_t Capacity>
struct alignas(64) TraceRing {
    static_assert((Capacity & (Capacity - 1)) == 0, "a power of two: no division");

    TraceHeader header;
    std::array<TraceEvent, Capacity> events{};

    void start(uint64_t core, uint64_t domain) {
        header.capacity = Capacity;
        header.core = core;
        header.domain = domain;
        header.magic[0] = trace_magic[0];
        header.magic[1] = trace_magic[1];
    }
    void add(uint64_t ticks, TraceKind kind, uint64_t argument) {
        events[header.written % Capacity] = {ticks << 8 | static_cast<uint8_t>(kind), argument};
        header.written++;
    }
    // Events are numbered from 0; those before first() are overwritten.
    uint64_t first() const { return header.written > Capacity ? header.written - Capacity : 0; }
    uint64_t end() const { return header.written; }
    const TraceEvent& event(uint64_t number) const { return events[number % Capacity]; }
};

}  // namespace skerry::capabilities
