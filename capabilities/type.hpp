// The capability types and the one table that is the truth about them: address space, object size, rights, what
// each may be retyped to, whether it can move between cores. Everything else asks this table.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "capabilities/rights.hpp"

namespace skerry::capabilities {

enum class Type : uint8_t {
    null,            // an empty slot
    phys_addr,       // a physical range that is not RAM: only to be made into device regions
    ram,             // untyped memory
    frame,           // memory that can be mapped; zeroed before it can be
    device_memory,   // DeviceRegion, memory-mapped registers
    device_ports,    // DeviceRegion, I/O ports (base = first port, size = count)
    cnode,           // an array of 64-byte slots
    dispatcher,      // what the CPU driver schedules
    endpoint,        // a queue of same-core messages
    vnode,           // one page table; Capability::level tells which
    mapping,         // the proof that something is mapped, and the handle to unmap it
    kernel,          // this core's CPU driver: create capabilities that came from another core; monitors only
    kernel_control,  // start and fence other cores
    interrupt,       // a range of interrupt vectors of this core
    notify,          // poke one dispatcher on some core
    performance_counter,
    identity,  // an unforgeable number
    flush,     // have one page's translations dropped where one dispatcher runs, on some core
    count_,
};
constexpr size_t type_count = static_cast<size_t>(Type::count_);

// Ranges of different spaces never overlap in meaning; the derivation tree sorts by space first.
enum class Space : uint8_t { none, memory, ports, interrupts, notifies, flushes, cores, counters, identities };

struct TypeInfo {
    Type type;
    const char* name;
    Space space;
    uint8_t depth;          // among capabilities with one range, ancestors have the smaller depth
    Rights rights;          // the rights that mean something for this type
    uint64_t minimum_size;  // of an object, in the space's unit (bytes of memory, ports, vectors)
    uint64_t maximum_size;  // of an object; 0 = no limit
    bool power_of_two;      // whether size must be a power of two, and base aligned to it
    uint32_t retype_to;     // bit set of Types
    bool moves_between_cores;
};

constexpr uint64_t slot_size = 64;                          // bytes of a capability slot
constexpr uint64_t frame_maximum_size = uint64_t{1} << 30;  // so that looking at all of one is bounded work
constexpr uint64_t dispatcher_object_size = 4096;
constexpr uint64_t vnode_object_size = 4096;
constexpr uint64_t endpoint_minimum_size = 1024;
constexpr uint64_t endpoint_maximum_size = 65536;
constexpr uint64_t cnode_minimum_size = 16 * slot_size;
constexpr uint64_t cnode_maximum_size = 1024 * slot_size;  // what one call zeroes

constexpr uint32_t bit(Type type) {
    return uint32_t{1} << static_cast<uint32_t>(type);
}

inline constexpr std::array<TypeInfo, type_count> type_table = [] {
    using enum Rights;
    constexpr Rights manage = transfer | revoke;
    constexpr uint32_t from_ram = bit(Type::ram) | bit(Type::frame) | bit(Type::cnode) | bit(Type::dispatcher) |
                                  bit(Type::endpoint) | bit(Type::vnode);
    constexpr uint64_t page = 4096;
    return std::array<TypeInfo, type_count>{{
        {Type::null, "Null", Space::none, 0, none, 0, 0, false, 0, false},
        {Type::phys_addr, "PhysAddr", Space::memory, 0, manage | retype, page, 0, false,
         bit(Type::phys_addr) | bit(Type::device_memory), true},
        {Type::ram, "RAM", Space::memory, 1, manage | retype, endpoint_minimum_size, 0, false, from_ram, true},
        {Type::frame, "Frame", Space::memory, 2, manage | read | write | execute, page, frame_maximum_size, false, 0,
         true},
        {Type::device_memory, "DeviceRegion", Space::memory, 2, manage | read | write | control | retype, page, 0,
         false, bit(Type::device_memory), true},
        {Type::device_ports, "DeviceRegion(ports)", Space::ports, 2, manage | read | write | retype, 1, 65536, false,
         bit(Type::device_ports), true},
        {Type::cnode, "CNode", Space::memory, 2, manage | read | write, cnode_minimum_size, cnode_maximum_size, true, 0,
         false},
        {Type::dispatcher, "Dispatcher", Space::memory, 2, manage | read | control, dispatcher_object_size,
         dispatcher_object_size, true, 0, false},
        {Type::endpoint, "Endpoint", Space::memory, 2, manage | read | send | control, endpoint_minimum_size,
         endpoint_maximum_size, true, 0, false},
        {Type::vnode, "VNode", Space::memory, 2, manage | read | write, vnode_object_size, vnode_object_size, true, 0,
         false},
        {Type::mapping, "Mapping", Space::memory, 3, revoke | read | write | execute, page, 0, false, 0, false},
        {Type::kernel, "Kernel", Space::cores, 0, manage | read | control, 1, 1, false, 0, false},
        {Type::kernel_control, "KernelControl", Space::cores, 1, manage | control, 1, 1, false, 0, true},
        {Type::interrupt, "Interrupt", Space::interrupts, 0, manage | retype | control, 1, 256, false,
         bit(Type::interrupt), false},
        {Type::notify, "Notify", Space::notifies, 0, manage | send, 1, 1, false, 0, true},
        {Type::performance_counter, "PerformanceCounter", Space::counters, 0, manage | read, 1, 1, false, 0, false},
        {Type::identity, "Identity", Space::identities, 0, manage, 1, 1, false, 0, true},
        {Type::flush, "Flush", Space::flushes, 0, manage | send, 1, 1, false, 0, true},
    }};
}();

constexpr const TypeInfo& info(Type type) {
    return type_table[static_cast<size_t>(type)];
}

}  // namespace skerry::capabilities
