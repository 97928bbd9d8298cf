// Delete and revoke, without recursion. An object with slots inside (a CNode, a dispatcher, an endpoint)
// whose last capability goes is buried: the capability moves into the first of the object's own slots, where
// nothing can name it. What lay there is parked in a slot of the driver's own, and goes before anything else
// is buried.
//
//   deleting # :   [ C# ]                    [    ]     parked: [ x ]
//                    |            ==>
//               C: [ x | y | z ]         C: [ C! | y | z ]  <- list of the dying; y and z go, then C itself
//
// So no dying object waits for another, and cycles and deep chains are emptied like anything else, a step at
// a time.
#include "cpudriver/capability/operations.hpp"

namespace skerry::cpudriver {

using namespace capabilities;
using base::Error;
using base::Status;

void Capabilities::erase(Slot& slot, bool tell) {
    if (slot.cap.type == Type::cnode) cnode_epoch_++;
    bool tell_sharers = foreign(slot.cap) && anchors_ != 0;  // else no monitor keeps a book of it
    if (anchor(slot.cap)) anchors_--;
    tree_.remove(slot);
    slot.cap = {};
    if (tell_sharers) hooks_.shared_changed();
    if (tell && slot.home != SlotHome::cnode) hooks_.emptied(slot);
}

// Slots inside an object, by index; null past the last.
Slot* Capabilities::inner(const Capability& object, uint32_t index) {
    if (object.type == Type::dispatcher || object.type == Type::endpoint) return hooks_.inner_slot(object, index);
    if (object.type != Type::cnode || index >= object.size / slot_size) return nullptr;
    return reinterpret_cast<Slot*>(hooks_.pointer(base::PhysAddr{object.base})) + index;
}

// Of no more use to anybody; but the rights of a Mapping tell the driver what it has to unmap.
void Capabilities::doom(Capability& cap) {
    if (cap.type == Type::cnode) cnode_epoch_++;
    cap.flags |= flag_zombie;
    if (cap.type != Type::mapping) cap.rights = Rights::none;
}

namespace {
bool has_slots(Type type) {
    return type == Type::cnode || type == Type::dispatcher || type == Type::endpoint;
}
}  // namespace

// Destroys what a last capability names, but for the slots inside.
Status Capabilities::destroy_step(Slot& slot) {
    Capability& cap = slot.cap;
    doom(cap);
    if (destroying_) return Error::again;
    bool mapped = cap.type == Type::frame || cap.type == Type::vnode || cap.type == Type::device_memory;
    Slot* mapping = mapped ? tree_.first_mapping(cap) : nullptr;
    // While a part or the whole of a device region lives on, so do the mappings.
    if (mapping != nullptr && cap.type == Type::device_memory) {
        const Slot* outer = tree_.nearest_ancestor(cap);
        bool part_lives = tree_.first_inner_object(cap) != nullptr;
        if (part_lives || (outer != nullptr && outer->cap.type == cap.type)) mapping = nullptr;
    }
    if (mapping != nullptr) doom(mapping->cap);
    destroying_ = true;
    Status done = hooks_.destroy(mapping != nullptr ? mapping->cap : cap);
    destroying_ = false;
    SKERRY_ASSERT(done.ok() || done.error() == Error::again);
    if (mapping == nullptr || !done.ok()) return done;
    erase(*mapping, true);
    return Error::again;
}

// One bounded step towards an empty slot; `again` if it is not empty yet.
Status Capabilities::remove_step(Slot& wanted) {
    SKERRY_ASSERT(!wanted.empty() && !buried(wanted.cap));
    bool last = !tree_.has_copies(wanted);
    // Only one displaced capability at a time: before another object is buried, that one goes.
    Slot& slot = last && !parked_.empty() && has_slots(wanted.cap.type) ? parked_ : wanted;
    visits_++;
    if (!tree_.has_copies(slot)) {
        SKERRY_CHECK(destroy_step(slot));
        if (!bury(slot)) erase(slot, true);
    } else {
        erase(slot, true);
    }
    return wanted.empty() || buried(wanted.cap) ? Status{} : Status{Error::again};
}

// False if the object has no slots inside.
bool Capabilities::bury(Slot& slot) {
    Slot* grave = inner(slot.cap, 0);
    if (grave == nullptr) return false;
    Capability dead = slot.cap;
    SKERRY_ASSERT(zombie(dead) && !buried(grave->cap));
    Capability displaced = &slot == grave ? Capability{} : grave->cap;
    dead.flags |= flag_buried;
    dead.badge = 1;  // the next inner slot to empty
    dead.extra = reinterpret_cast<uintptr_t>(dying_);
    erase(slot, false);
    if (!grave->empty()) erase(*grave, false);
    fill(*grave, dead);
    dying_ = grave;
    if (!displaced.empty()) {
        doom(displaced);
        fill(parked_, displaced);
    }
    if (slot.empty() && slot.home != SlotHome::cnode) hooks_.emptied(slot);
    return true;
}

// Goes on with what is parked; else looks at one inner slot of the object that was buried last.
void Capabilities::reap_step() {
    if (!parked_.empty()) {
        (void)remove_step(parked_).ok();
        return;
    }
    SKERRY_ASSERT(dying_ != nullptr && buried(dying_->cap));
    Slot& grave = *dying_;
    Slot* slot = inner(grave.cap, grave.cap.badge);
    if (slot == nullptr) {
        visits_++;
        dying_ = reinterpret_cast<Slot*>(grave.cap.extra);
        erase(grave, false);
        return;
    }
    if (slot->empty()) {
        visits_++;
        grave.cap.badge++;
        return;
    }
    slot->home = SlotHome::cnode;  // its object is dead: there is nobody to tell
    (void)remove_step(*slot).ok();
}

Status Capabilities::reap() {
    for (uint32_t step = 0; step < removal_step && removing(); step++) reap_step();
    return removing() ? Status{Error::again} : Status{};
}

Status Capabilities::delete_slot(Slot& slot) {
    bool wait = slot.empty() || zombie(slot.cap);  // for what an earlier call left
    for (uint32_t step = 0; step < removal_step; step++) {
        if (!slot.empty() && !buried(slot.cap)) {
            Slot* newest = dying_;
            (void)remove_step(slot).ok();
            wait = wait || dying_ != newest;
        } else if (wait && removing()) {
            reap_step();
        } else {
            return {};
        }
    }
    bool left = (!slot.empty() && !buried(slot.cap)) || (wait && removing());
    return left ? Status{Error::again} : Status{};
}

// An anchor is the last of the copies, so behind a spared one are the descendants.
Slot* Capabilities::next_to_revoke(Slot& slot, const Slot* spared) const {
    Slot* related = tree_.first_related(slot);
    return related != nullptr && related == spared ? tree_.first_descendant(slot.cap) : related;
}

Status Capabilities::revoke(Slot& slot, const Slot* spared) {
    if (slot.empty()) return Error::no_capability;
    if (zombie(slot.cap)) return Error::busy;
    if (!includes(slot.cap.rights, Rights::revoke)) return Error::no_right;
    if (spared != nullptr && (!anchor(spared->cap) || !same_object(spared->cap, slot.cap))) {
        return Error::invalid_argument;
    }
    const Capability cap = slot.cap;
    for (uint32_t step = 0; step < removal_step; step++) {
        bool alive = slot.cap == cap;
        Slot* related = alive ? next_to_revoke(slot, spared) : nullptr;
        if (related != nullptr && anchor(related->cap)) {
            related->cap.flags |= flag_recalled;
            hooks_.shared_changed();
            return Error::shared;
        }
        if (related != nullptr && !buried(related->cap)) {
            (void)remove_step(*related).ok();
        } else if (removing()) {
            reap_step();
        } else {
            return {};
        }
    }
    bool left = removing() || (slot.cap == cap && next_to_revoke(slot, spared) != nullptr);
    return left ? Status{Error::again} : Status{};
}

void Capabilities::drop_copy(Slot& slot) {
    SKERRY_ASSERT(slot.home != SlotHome::cnode);
    SlotHome home = slot.home;
    slot.home = SlotHome::cnode;  // the object that asks need not be told
    for (uint32_t step = 0; step < removal_step && !slot.empty(); step++) {
        bool stuck = !remove_step(slot).ok() && destroying_;
        if (stuck) break;
    }
    slot.home = home;
}

}  // namespace skerry::cpudriver
