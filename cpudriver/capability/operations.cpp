#include "cpudriver/capability/operations.hpp"

#include <algorithm>

namespace skerry::cpudriver {

using namespace capabilities;
using base::Error;
using base::Status;

base::Result<Slot*> Capabilities::find_empty(const Capability& root, CapRef ref) {
    if (ref.null()) return Error::invalid_argument;
    Slot* slot = resolve(root, ref, Rights::write);
    if (slot == nullptr) return Error::no_capability;
    if (!slot->empty()) return Error::slot_occupied;
    return slot;
}

void Capabilities::fill(Slot& slot, const Capability& cap) {
    SKERRY_ASSERT(slot.empty() && !cap.empty());
    slot.cap = cap;
    if (anchor(cap)) anchors_++;
    tree_.insert(slot);
}

void Capabilities::zero(uint64_t base, uint64_t bytes) {
    SKERRY_ASSERT(bytes <= zero_step);
    std::fill_n(hooks_.pointer(base::PhysAddr{base}), bytes, std::byte{0});
}

Status Capabilities::copy_slot(Slot& dest, const Slot& source) {
    if (!dest.empty()) return Error::slot_occupied;
    SKERRY_CHECK(Status{check_copy(source.cap)});
    fill(dest, minted(source.cap, Rights::all, 0));
    return {};
}

Status Capabilities::mint_slot(Slot& dest, const Slot& source, Rights mask, uint32_t badge) {
    if (!dest.empty()) return Error::slot_occupied;
    SKERRY_CHECK(Status{check_mint(source.cap, badge)});
    fill(dest, minted(source.cap, mask, badge));
    return {};
}

Status Capabilities::move_slot(Slot& dest, Slot& source) {
    if (!dest.empty()) return Error::slot_occupied;
    if (source.empty()) return Error::no_capability;
    if (zombie(source.cap)) return Error::busy;
    const Capability cap = source.cap;
    erase(source, false);
    fill(dest, cap);
    return {};
}

Status Capabilities::retype(std::span<Slot> dest, const Slot& source, const RetypeRequest& request, uint64_t& made) {
    made = 0;
    SKERRY_CHECK(Status{check_retype(source.cap, request, vnode_levels_)});
    if (request.count > dest.size()) return Error::out_of_range;
    uint64_t zeroing = zeroed_at_creation(request.type, request.object_size);
    uint64_t limit = zeroing == 0 ? retype_step : std::min<uint64_t>(retype_step, zero_step / zeroing);
    uint64_t count = std::min(request.count, limit);
    SKERRY_ASSERT(count >= 1);
    for (const Slot& slot : dest.first(count)) {
        if (!slot.empty()) return Error::slot_occupied;
    }
    if (request.type == Type::vnode && count >= ~generation_) return Error::refused;
    uint64_t start = source.cap.base + request.offset;
    if (tree_.overlaps_descendants(source.cap, start, count * request.object_size)) return Error::overlaps;
    if (!anchor(source.cap) && tree_.anchor_of(source.cap) != nullptr) return Error::shared;

    const Capability from = source.cap;
    for (; made < count; made++) {
        Capability object = retyped(from, request, made);
        if (zeroing != 0) zero(object.base, zeroing);
        if (object.type == Type::frame) object.extra = zeroing;
        if (object.type == Type::vnode) object.badge = ++generation_;
        fill(dest[made], object);
        hooks_.created(object);
    }
    return made < request.count ? Status{Error::again} : Status{};
}

Status Capabilities::retype(const Capability& root, CapRef dest, const Slot& source, const RetypeRequest& request,
                            uint64_t& made) {
    made = 0;
    if (dest.null()) return Error::invalid_argument;
    std::span<Slot> slots = resolve_range(root, dest, Rights::write, Alias{hooks_});
    if (slots.empty()) return Error::no_capability;
    return retype(slots, source, request, made);
}

Status Capabilities::clean(Slot& frame) {
    if (!usable(frame.cap, Type::frame, Rights::none)) return why_unusable(frame.cap, Type::frame, Rights::none);
    Capability& cap = frame.cap;
    if (capabilities::clean(cap)) return {};
    SKERRY_ASSERT(!foreign(cap));
    uint64_t bytes = std::min(zero_step, cap.size - cap.extra);
    zero(cap.base + cap.extra, bytes);
    cap.extra += bytes;
    return capabilities::clean(cap) ? Status{} : Status{Error::again};
}

Status Capabilities::insert_root(Slot& dest, const Capability& cap) {
    if (!dest.empty()) return Error::slot_occupied;
    SKERRY_CHECK(Status{check_shape(cap, vnode_levels_)});
    if (cap.type == Type::mapping || (cap.flags & ~flag_foreign) != 0) return Error::invalid_argument;
    if (!capabilities::clean(cap)) return Error::unclean;
    if (!tree_.fits(cap)) return Error::overlaps;
    fill(dest, cap);
    return {};
}

Status Capabilities::insert_derived(Slot& dest, const Capability& mapping) {
    if (!dest.empty()) return Error::slot_occupied;
    SKERRY_ASSERT(mapping.type == Type::mapping && mapping.size > 0 && (mapping.flags & ~flag_foreign) == 0);
    SKERRY_ASSERT(tree_.nearest_ancestor(mapping) != nullptr);
    fill(dest, mapping);
    return {};
}

Status Capabilities::make_anchor(Slot& slot, Rights rights) {
    if (slot.empty()) return Error::no_capability;
    if (zombie(slot.cap)) return Error::busy;
    if (info(slot.cap.type).space != Space::memory || !info(slot.cap.type).moves_between_cores) return Error::refused;
    Capability cap = slot.cap;
    cap.flags |= flag_anchor;
    cap.rights = info(cap.type).rights & rights;
    erase(slot, false);
    fill(slot, cap);
    return {};
}

}  // namespace skerry::cpudriver
