// The pure rules about capabilities: what may become what, and with which rights. No slots, no memory, no
// platform; the CPU driver asks them before it changes anything, and monitors may ask them beforehand.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "capabilities/capability.hpp"
#include "capabilities/interface/system_call.hpp"
#include "platforms/base/result.hpp"

namespace skerry::capabilities {

// Bounds of one call (law 2).
constexpr uint64_t zero_step = 65536;                // bytes of memory zeroed
constexpr uint32_t retype_step = 64;                 // objects made
constexpr uint32_t removal_step = 16;                // slots emptied or looked at by delete and revoke
constexpr uint64_t end_maximum = uint64_t{1} << 56;  // no range reaches further

constexpr Rights memory_rights = Rights::read | Rights::write | Rights::execute;
constexpr uint32_t kernel_objects = bit(Type::cnode) | bit(Type::dispatcher) | bit(Type::endpoint) | bit(Type::vnode);

constexpr bool zombie(const Capability& cap) {
    return (cap.flags & flag_zombie) != 0;
}
constexpr bool buried(const Capability& cap) {
    return (cap.flags & flag_buried) != 0;
}
constexpr bool anchor(const Capability& cap) {
    return (cap.flags & flag_anchor) != 0;
}
constexpr bool foreign(const Capability& cap) {
    return (cap.flags & flag_foreign) != 0;
}
// A frame is of no use until all of it was zeroed.
constexpr bool clean(const Capability& cap) {
    return cap.type != Type::frame || cap.extra >= cap.size;
}

// The one expression that stands before every use: right type, all rights, not about to go.
constexpr bool usable(const Capability& cap, Type type, Rights needed) {
    if (std::is_constant_evaluated()) return cap.type == type && includes(cap.rights, needed) && !zombie(cap);
    // The same as one comparison of the first half word: it is asked three times on the way of every message.
    static_assert(offsetof(Capability, type) == 0 && offsetof(Capability, rights) == 1 &&
                  offsetof(Capability, flags) == 3);
    uint32_t word = 0;
    __builtin_memcpy(&word, &cap, sizeof word);  // a load, also in freestanding code
    uint32_t wanted = static_cast<uint32_t>(type) | static_cast<uint32_t>(needed) << 8;
    return (word & (0xffu | static_cast<uint32_t>(needed) << 8 | uint32_t{flag_zombie} << 24)) == wanted;
}
// Why it was not usable.
constexpr base::Error why_unusable(const Capability& cap, Type type, Rights needed) {
    if (cap.empty()) return base::Error::no_capability;
    if (zombie(cap)) return base::Error::busy;
    if (cap.type != type) return base::Error::wrong_type;
    return includes(cap.rights, needed) ? base::Error::none : base::Error::no_right;
}

// Whether base, size, level and rights are those that some object of the type can have.
// Errors: invalid_argument, misaligned.
base::Error check_shape(const Capability& cap, uint32_t vnode_levels);

// Whether a second capability to the same object may be made: not of Mappings (one holder), not of unclean
// frames. Errors: no_capability, busy, refused, unclean.
base::Error check_copy(const Capability& source);

// The narrowed copy. A badge (not 0) can be given once, to an endpoint capability that has none.
// Errors: those of check_copy; wrong_type, refused (badge).
base::Error check_mint(const Capability& source, uint32_t badge);
constexpr Capability minted(Capability source, Rights mask, uint32_t badge) {
    source.flags &= static_cast<uint8_t>(~(flag_anchor | flag_recalled));  // there is one of these
    source.rights = source.rights & mask;
    if (badge != 0) source.badge = badge;
    return source;
}

struct RetypeRequest {
    Type type = Type::null;
    uint8_t level = 0;    // of VNodes
    uint64_t offset = 0;  // from the source's base, in the unit of its space
    uint64_t object_size = 0;
    uint64_t count = 0;  // objects in a row
};
// All that can be judged without the derivation tree.
// Errors: no_capability, busy, no_right, wrong_type, invalid_argument (size, level, count; the whole source
// as its own type is a copy), misaligned, out_of_range, refused (objects that hold state in another core's
// memory).
base::Error check_retype(const Capability& source, const RetypeRequest& request, uint32_t vnode_levels);

// Retype never widens: rights that both types know stay as the source has them; those that only the new type
// knows come in full. So does the right to revoke: what it reaches, copies of the new object and what is made of it,
// comes from whoever made the object, and from nobody else.
constexpr Rights retyped_rights(const Capability& source, Type to) {
    return (info(to).rights & (~info(source.type).rights | Rights::revoke)) | (info(to).rights & source.rights);
}
// The object number `index` of a request that check_retype let pass.
constexpr Capability retyped(const Capability& source, const RetypeRequest& request, uint64_t index) {
    Capability object;
    object.type = request.type;
    object.rights = retyped_rights(source, request.type);
    object.level = request.level;
    object.flags = source.flags & flag_foreign;
    object.base = source.base + request.offset + index * request.object_size;
    object.size = request.object_size;
    return object;
}
// Bytes to zero while an object is made; frames go on with clean().
constexpr uint64_t zeroed_at_creation(Type type, uint64_t size) {
    if (type == Type::frame) return size < zero_step ? size : zero_step;
    return (kernel_objects & bit(type)) != 0 ? size : 0;
}

// The rights that a mapping with these flags uses.
constexpr Rights mapping_rights(uint64_t flags) {
    Rights rights = Rights::none;
    if (flags & map_flags::read) rights = rights | Rights::read;
    if (flags & map_flags::write) rights = rights | Rights::write;
    if (flags & map_flags::execute) rights = rights | Rights::execute;
    return rights;
}
// Whether something of type `source`, held with `held`, may be mapped so. For `protect`: held = the Mapping's
// rights. Errors: wrong_type, invalid_argument (unknown bits; no read; device attribute on RAM, write-back on
// devices), refused (write and execute together: W^X), no_right.
base::Error check_mapping(Type source, Rights held, uint64_t flags);

}  // namespace skerry::capabilities
