// The value of a capability: 32 bytes of plain words. It can be read by its holder (identify) and carried between
// monitors; it gives authority only where a CPU driver keeps it in a slot.
#pragma once

#include <cstdint>

#include "capabilities/type.hpp"
#include "platforms/base/ids.hpp"

namespace skerry::capabilities {

// Flags of a capability.
enum : uint8_t {
    flag_foreign = 1 << 0,   // memory owned by another core: mappable, but never to hold this core's kernel objects
    flag_zombie = 1 << 1,    // being deleted in steps: of no use but to delete and revoke
    flag_buried = 1 << 2,    // a zombie that lies in the first slot of its own object, where nothing can name it
    flag_anchor = 1 << 3,    // a monitor's, for an object that other cores hold, too: revoke stops at it
    flag_recalled = 1 << 4,  // an anchor at which a revoke has stopped
};

//   word 0:  type 8 | rights 8 | level 8 | flags 8 | badge 32
//   word 1:  base   (physical address, first port, first vector, ...)
//   word 2:  size   (in the unit of the type's space)
//   word 3:  extra  (see below)
struct Capability {
    Type type = Type::null;
    Rights rights = Rights::none;
    uint8_t level = 0;  // VNode: 1 = leaf table; Mapping: level of the VNode that it is in
    uint8_t flags = 0;
    uint32_t badge = 0;  // Endpoint: what receivers see. VNode, Mapping: generation of the VNode
    uint64_t base = 0;
    uint64_t size = 0;
    // Frame: bytes zeroed so far, from base. Mapping: physical address of its first page-table entry.
    // Notify, Flush: hardware id of the core; the base is core << 32 | index among that core's notifies or flushes.
    uint64_t extra = 0;

    constexpr bool empty() const { return type == Type::null; }
    constexpr uint64_t end() const { return base + size; }
    constexpr bool operator==(const Capability&) const = default;
};
static_assert(sizeof(Capability) == 32);

// Whether both name one object (copies): rights, badge and progress may differ. Not the generation of a Mapping:
// the same entry for the same memory, once its table is another VNode, is another mapping.
constexpr bool same_object(const Capability& a, const Capability& b) {
    return a.type == b.type && a.base == b.base && a.size == b.size && a.level == b.level &&
           (a.type != Type::mapping || (a.extra == b.extra && a.badge == b.badge)) &&
           ((a.type != Type::notify && a.type != Type::flush) || a.extra == b.extra);
}

// Whether `inner` was derived from `outer` by retype or map: same space, nested range, greater depth or smaller range.
constexpr bool descends_from(const Capability& inner, const Capability& outer) {
    const TypeInfo& in = info(inner.type);
    const TypeInfo& out = info(outer.type);
    if (in.space != out.space || in.space == Space::none) return false;
    if (inner.base < outer.base || inner.end() > outer.end()) return false;
    if (in.depth != out.depth) return in.depth > out.depth;
    bool smaller = inner.size < outer.size;
    return smaller && (out.retype_to & bit(inner.type)) != 0;
}

}  // namespace skerry::capabilities
