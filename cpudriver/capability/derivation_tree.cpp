#include "cpudriver/capability/derivation_tree.hpp"

#include "capabilities/rules.hpp"

namespace skerry::cpudriver {

using capabilities::Capability;
using capabilities::descends_from;
using capabilities::info;
using capabilities::same_object;
using capabilities::Space;
using capabilities::Type;

namespace {

constexpr uint64_t reach_maximum = (uint64_t{1} << 48) - 1;

bool reaches(const Slot* subtree, uint64_t end) {
    return subtree != nullptr && subtree->reach > SlotTraits::reach_of(subtree->cap, end);
}

// The first (last) slot of a subtree with an end greater than `end`; the subtree has one.
Slot* extreme_reaching(Slot* at, uint64_t end, bool last) {
    for (;;) {
        SKERRY_ASSERT(at != nullptr && reaches(at, end));
        Slot* near = last ? at->right : at->left;
        if (reaches(near, end)) {
            at = near;
        } else if (at->cap.end() > end) {
            return at;
        } else {
            at = last ? at->left : at->right;
        }
    }
}

// The first slot from `at` on, towards the end (backwards: towards the start) of the order, with an end
// greater than `end`. Climbs once and descends once.
Slot* reaching(Slot* at, uint64_t end, bool backwards) {
    while (at != nullptr) {
        if (at->cap.end() > end) return at;
        Slot* beyond = backwards ? at->left : at->right;
        if (reaches(beyond, end)) return extreme_reaching(beyond, end, backwards);
        Slot* below = at;
        at = at->parent;
        while (at != nullptr && (backwards ? at->left : at->right) == below) {
            below = at;
            at = at->parent;
        }
    }
    return nullptr;
}

// Before and behind all copies of the object, its anchor included, which is the first of them.
Capability before_copies(Capability cap) {
    cap.flags = capabilities::flag_anchor;
    return cap;
}
Capability behind_anchor(Capability cap) {
    cap.flags = 0;
    return cap;
}

// The last slot that sorts before the object and ends after `end`.
Slot* last_before_reaching(const DerivationTree::Lane& lane, const Capability& object, uint64_t end) {
    const Capability cap = before_copies(object);
    Slot* at = lane.lower_bound([&](const Slot& slot) { return SlotTraits::less(slot.cap, cap); });
    return reaching(at ? lane.previous(*at) : lane.last(), end, true);
}

Slot* first_at(const DerivationTree::Lane& lane, uint64_t base) {
    return lane.lower_bound([base](const Slot& slot) { return slot.cap.base < base; });
}

bool has_ranges(const Capability& cap) {
    Space space = info(cap.type).space;
    return space == Space::memory || space == Space::ports || space == Space::interrupts;
}

}  // namespace

bool SlotTraits::less(const Capability& a, const Capability& b) {
    if (a.base != b.base) return a.base < b.base;
    if (a.size != b.size) return a.size > b.size;
    if (info(a.type).depth != info(b.type).depth) return info(a.type).depth < info(b.type).depth;
    if (a.type != b.type) return a.type < b.type;
    if (a.level != b.level) return a.level < b.level;
    if (a.type == Type::mapping || a.type == Type::notify || a.type == Type::flush) {
        if (a.extra != b.extra) return a.extra < b.extra;
        return a.type == Type::mapping && a.badge < b.badge;
    }
    return capabilities::anchor(a) && !capabilities::anchor(b);
}

uint64_t SlotTraits::reach_of(const Capability& cap, uint64_t end) {
    uint64_t units = info(cap.type).space == Space::memory ? end >> 10 : end;
    return units < reach_maximum ? units : reach_maximum;
}

void SlotTraits::update(Slot& slot) {
    uint64_t reach = reach_of(slot.cap, slot.cap.end());
    for (const Slot* child : {slot.left, slot.right}) {
        if (child != nullptr && child->reach > reach) reach = child->reach;
    }
    slot.reach = reach & reach_maximum;
}

void DerivationTree::insert(Slot& slot) {
    SKERRY_ASSERT(!slot.empty() && slot.cap.size > 0);
    lanes_[lane_of(slot.cap.type)].insert(slot);
    count_[static_cast<size_t>(slot.cap.type)]++;
}

void DerivationTree::remove(Slot& slot) {
    SKERRY_ASSERT(!slot.empty() && count(slot.cap.type) > 0);
    lanes_[lane_of(slot.cap.type)].remove(slot);
    count_[static_cast<size_t>(slot.cap.type)]--;
    slot.reach = 0;
}

Slot* DerivationTree::after(const Capability& object) const {
    const Capability cap = behind_anchor(object);
    return lane(cap).lower_bound([&](const Slot& slot) { return !SlotTraits::less(cap, slot.cap); });
}

bool DerivationTree::has_copies(Slot& slot) const {
    const Lane& tree = lane(slot.cap);
    Slot* before = tree.previous(slot);
    Slot* behind = tree.next(slot);
    return (before != nullptr && same_object(before->cap, slot.cap)) ||
           (behind != nullptr && same_object(behind->cap, slot.cap));
}

Slot* DerivationTree::first_related(Slot& slot) const {
    const Lane& tree = lane(slot.cap);
    Slot* before = tree.previous(slot);
    bool copy_before = before != nullptr && same_object(before->cap, slot.cap);
    if (copy_before && !capabilities::anchor(before->cap)) return before;
    Slot* behind = tree.next(slot);
    if (behind != nullptr && same_object(behind->cap, slot.cap)) return behind;
    return copy_before ? before : first_descendant(slot.cap);
}

Slot* DerivationTree::anchor_of(const Capability& object) const {
    const Capability cap = before_copies(object);
    Slot* found = lane(cap).lower_bound([&](const Slot& slot) { return SlotTraits::less(slot.cap, cap); });
    bool is_anchor = found != nullptr && same_object(found->cap, object) && capabilities::anchor(found->cap);
    return is_anchor ? found : nullptr;
}

Slot* DerivationTree::first_mapping(const Capability& object) const {
    if (object.type == Type::mapping || info(object.type).space != Space::memory) return nullptr;
    Slot* found = first_at(lanes_[mapping_lane], object.base);
    return found != nullptr && found->cap.base < object.end() ? found : nullptr;
}

Slot* DerivationTree::first_descendant(const Capability& object) const {
    if (object.type == Type::mapping) return nullptr;
    Slot* mapping = first_mapping(object);
    return mapping != nullptr ? mapping : first_inner_object(object);
}

// The first slot behind an object's own is its descendant, or none is: whatever else lies in its range
// follows.
Slot* DerivationTree::first_inner_object(const Capability& object) const {
    SKERRY_ASSERT(object.type != Type::mapping);
    Slot* found = after(object);
    return found != nullptr && descends_from(found->cap, object) ? found : nullptr;
}

// Of the slots before it that end no earlier, all contain it (ranges nest); the last is the innermost.
Slot* DerivationTree::nearest_ancestor(const Capability& cap) const {
    SKERRY_ASSERT(cap.size > 0);
    const Lane& objects = lanes_[static_cast<size_t>(info(cap.type).space)];
    Slot* found = last_before_reaching(objects, cap, cap.end() - 1);
    return found != nullptr && descends_from(cap, found->cap) ? found : nullptr;
}

bool DerivationTree::overlaps_descendants(const Capability& source, uint64_t base, uint64_t size) const {
    SKERRY_ASSERT(size > 0 && base >= source.base && base + size <= source.end());
    Slot* found = reaching(after(source), base, false);
    if (found != nullptr && found->cap.base < base + size) return true;
    if (info(source.type).space != Space::memory) return false;
    found = reaching(first_at(lanes_[mapping_lane], source.base), base, false);
    return found != nullptr && found->cap.base < base + size;
}

bool DerivationTree::fits(const Capability& cap) const {
    if (!has_ranges(cap)) return true;
    SKERRY_ASSERT(cap.type != Type::mapping && cap.size > 0);
    Slot* outer = last_before_reaching(lane(cap), cap, cap.base);
    if (outer != nullptr && !descends_from(cap, outer->cap)) return false;
    Slot* behind = after(cap);
    if (behind == nullptr || behind->cap.base >= cap.end()) return true;
    if (!descends_from(behind->cap, cap)) return false;
    Slot* beyond = reaching(behind, cap.end(), false);
    return beyond == nullptr || beyond->cap.base >= cap.end();
}

Slot* DerivationTree::find_object(Type type, uint64_t base, uint64_t size) const {
    SKERRY_ASSERT(type != Type::null && type != Type::mapping);
    Capability key{.type = type,
                   .flags = capabilities::flag_anchor,
                   .base = base,
                   .size = size != 0 ? size : info(type).minimum_size};
    Slot* found = lane(key).lower_bound([&](const Slot& slot) { return SlotTraits::less(slot.cap, key); });
    bool same = found != nullptr && found->cap.type == type && found->cap.base == base && found->cap.size == key.size;
    return same ? found : nullptr;
}

}  // namespace skerry::cpudriver
