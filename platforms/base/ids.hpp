// Strong integers: a core is not a node, a physical address is not a virtual one.
#pragma once

#include <compare>
#include <cstdint>

namespace skerry::base {

template <typename Tag, typename Rep>
struct Strong {
    Rep value{};
    constexpr Strong() = default;
    constexpr explicit Strong(Rep v) : value(v) {}
    constexpr auto operator<=>(const Strong&) const = default;
};

using CoreId = Strong<struct CoreTag, uint32_t>;          // dense index, 0 is the core that booted
using NodeId = Strong<struct NodeTag, uint32_t>;          // NUMA node, dense index
using PackageId = Strong<struct PackageTag, uint32_t>;    // processor package (socket), dense index
using HardwareId = Strong<struct HardwareTag, uint64_t>;  // what the interrupt controller calls a core (APIC id)

// A domain (a program with its dispatchers): core << 32 | counter, never reused. Zero names nobody.
using DomainId = Strong<struct DomainTag, uint64_t>;
constexpr DomainId make_domain_id(CoreId core, uint32_t counter) {
    return DomainId{uint64_t{core.value} << 32 | counter};
}
constexpr CoreId core_of(DomainId id) {
    return CoreId{static_cast<uint32_t>(id.value >> 32)};
}
constexpr uint32_t counter_of(DomainId id) {
    return static_cast<uint32_t>(id.value);
}

// Addresses: byte units. Arithmetic with plain byte counts only.
template <typename Tag>
struct Address : Strong<Tag, uint64_t> {
    using Strong<Tag, uint64_t>::Strong;
    constexpr Address operator+(uint64_t bytes) const { return Address{this->value + bytes}; }
    constexpr Address operator-(uint64_t bytes) const { return Address{this->value - bytes}; }
    constexpr uint64_t operator-(Address other) const { return this->value - other.value; }
    constexpr bool aligned(uint64_t alignment) const { return (this->value & (alignment - 1)) == 0; }
};
using PhysAddr = Address<struct PhysTag>;
using VirtAddr = Address<struct VirtTag>;

constexpr uint64_t page_size = 4096;  // the smallest page of every supported ISA, bytes
constexpr uint64_t round_up(uint64_t value, uint64_t alignment) {
    return (value + alignment - 1) & ~(alignment - 1);
}
constexpr uint64_t round_down(uint64_t value, uint64_t alignment) {
    return value & ~(alignment - 1);
}

}  // namespace skerry::base
