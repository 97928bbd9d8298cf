#include "capabilities/rules.hpp"

namespace skerry::capabilities {

using base::Error;

namespace {

constexpr bool multiple(uint64_t value, uint64_t unit) {
    return unit == 0 || value % unit == 0;
}

// Size and level of one object.
Error check_object(Type type, uint8_t level, uint64_t size, uint32_t vnode_levels) {
    const TypeInfo& kind = info(type);
    bool is_vnode = type == Type::vnode;
    if (is_vnode ? level == 0 || level > vnode_levels : level != 0 && type != Type::mapping) {
        return Error::invalid_argument;
    }
    if (size == 0 || size < kind.minimum_size) return Error::invalid_argument;
    if (kind.maximum_size != 0 && size > kind.maximum_size) return Error::invalid_argument;
    if (kind.power_of_two && (size & (size - 1)) != 0) return Error::invalid_argument;
    return multiple(size, kind.minimum_size) ? Error::none : Error::misaligned;
}

bool aligned(Type type, uint64_t base, uint64_t size) {
    const TypeInfo& kind = info(type);
    if (kind.space != Space::memory) return true;
    return multiple(base, kind.power_of_two ? size : kind.minimum_size);
}

}  // namespace

Error check_shape(const Capability& cap, uint32_t vnode_levels) {
    if (cap.type >= Type::count_ || cap.empty()) return Error::invalid_argument;
    if (!includes(info(cap.type).rights, cap.rights)) return Error::invalid_argument;
    if (Error error = check_object(cap.type, cap.level, cap.size, vnode_levels); error != Error::none) return error;
    if (cap.size > end_maximum || cap.base > end_maximum - cap.size) return Error::invalid_argument;
    return aligned(cap.type, cap.base, cap.size) ? Error::none : Error::misaligned;
}

Error check_copy(const Capability& source) {
    if (source.empty()) return Error::no_capability;
    if (zombie(source)) return Error::busy;
    if (source.type == Type::mapping) return Error::refused;
    return clean(source) ? Error::none : Error::unclean;
}

Error check_mint(const Capability& source, uint32_t badge) {
    if (Error error = check_copy(source); error != Error::none) return error;
    if (badge == 0) return Error::none;
    if (source.type != Type::endpoint) return Error::wrong_type;
    return source.badge == 0 ? Error::none : Error::refused;
}

Error check_retype(const Capability& source, const RetypeRequest& request, uint32_t vnode_levels) {
    if (source.empty()) return Error::no_capability;
    if (zombie(source)) return Error::busy;
    if (request.type >= Type::count_ || request.count == 0) return Error::invalid_argument;
    if ((info(source.type).retype_to & bit(request.type)) == 0) return Error::wrong_type;
    if (!includes(source.rights, Rights::retype)) return Error::no_right;
    if (Error error = check_object(request.type, request.level, request.object_size, vnode_levels);
        error != Error::none) {
        return error;
    }
    if (request.offset > source.size) return Error::out_of_range;
    if (request.count > (source.size - request.offset) / request.object_size) return Error::out_of_range;
    if (request.type == source.type && request.object_size == source.size) return Error::invalid_argument;
    if (!aligned(request.type, source.base + request.offset, request.object_size)) return Error::misaligned;
    bool holds_state = zeroed_at_creation(request.type, request.object_size) != 0;
    return foreign(source) && holds_state ? Error::refused : Error::none;
}

Error check_mapping(Type source, Rights held, uint64_t flags) {
    constexpr uint64_t access = map_flags::read | map_flags::write | map_flags::execute;
    constexpr uint64_t attribute = map_flags::device;  // both bits
    if (source != Type::frame && source != Type::device_memory) return Error::wrong_type;
    if ((flags & ~(access | attribute)) != 0 || (flags & map_flags::read) == 0) return Error::invalid_argument;
    uint64_t kind = flags & attribute;
    if (kind == (source == Type::frame ? map_flags::device : map_flags::write_back)) return Error::invalid_argument;
    if ((flags & map_flags::write) != 0 && (flags & map_flags::execute) != 0) return Error::refused;
    return includes(held, mapping_rights(flags)) ? Error::none : Error::no_right;
}

}  // namespace skerry::capabilities
