// The capability operations of one core. Each checks everything first and commits after; each call is
// bounded, and one that returns `again` has left a valid state in which any other operation may come between.
#pragma once

#include <cstdint>
#include <span>

#include "capabilities/rules.hpp"
#include "cpudriver/capability/derivation_tree.hpp"
#include "cpudriver/capability/object_hooks.hpp"
#include "cpudriver/capability/space.hpp"

namespace skerry::cpudriver {

using capabilities::RetypeRequest;

class Capabilities {
  public:
    using Status = base::Status;
    using Capability = capabilities::Capability;
    using CapRef = capabilities::CapRef;
    using Rights = capabilities::Rights;
    using Type = capabilities::Type;

    // vnode_levels: of the machine's page tables; a VNode has a level from 1 to it.
    Capabilities(ObjectHooks& hooks, uint32_t vnode_levels) : hooks_(hooks), vnode_levels_(vnode_levels) {}
    Capabilities(const Capabilities&) = delete;
    Capabilities& operator=(const Capabilities&) = delete;

    // --- lookup (space.hpp) ---
    // The named slot, which may be empty; null if there is none. `needed`: read to use it, write to change
    // it.
    Slot* resolve(const Capability& root, CapRef ref, Rights needed = Rights::read) {
        std::span<Slot> slots = resolve_range(root, ref, needed, Alias{hooks_});
        return slots.empty() ? nullptr : slots.data();
    }
    // A capability to use: of this type, with all these rights.
    // Errors: no_capability, wrong_type, no_right, busy (it is being deleted).
    base::Result<Slot*> find(const Capability& root, CapRef ref, Type type, Rights rights) {
        return checked(resolve(root, ref), type, rights);
    }
    // One after another in one system call: a second-level CNode that was looked up stands for the next of it.
    class Finder {
      public:
        Finder(Capabilities& capabilities, const Capability& root) : capabilities_(capabilities), root_(root) {}
        base::Result<Slot*> find(CapRef ref, Type type, Rights rights) {
            if (ref.at_root()) return capabilities_.find(root_, ref, type, rights);
            if (slots_.empty() || ref.root_index() != upper_) {
                upper_ = ref.root_index();
                slots_ = resolve_range(root_, CapRef{upper_, 0}, Rights::read, Alias{capabilities_.hooks_});
            }
            return checked(ref.index() < slots_.size() ? &slots_[ref.index()] : nullptr, type, rights);
        }

      private:
        Capabilities& capabilities_;
        const Capability& root_;
        std::span<Slot> slots_;
        uint32_t upper_ = 0;
    };
    // An empty slot to fill. Errors: invalid_argument (the null reference), no_capability (no such slot, or
    // no right to write it), slot_occupied.
    base::Result<Slot*> find_empty(const Capability& root, CapRef ref);

    // --- making capabilities (operations.cpp); `dest` must be empty: slot_occupied ---
    // Errors: those of check_copy in capabilities/rules.hpp.
    Status copy_slot(Slot& dest, const Slot& source);
    // Errors: those of check_mint.
    Status mint_slot(Slot& dest, const Slot& source, Rights mask, uint32_t badge);
    // Also of Mappings and unclean frames. Errors: no_capability, busy.
    Status move_slot(Slot& dest, Slot& source);
    // Makes up to request.count objects in slots in a row from `dest` on: at most retype_step of them, and at
    // most zero_step bytes of zeroing, but at least one. `made` tells how many; `again` if some are left,
    // which are asked for by a further call that starts behind those made. Errors: those of check_retype;
    // out_of_range (dest), slot_occupied, overlaps (something made from the source lies in the range),
    // refused (this core has made 2^32 VNodes and can tell no more apart); shared (other cores hold the source, and
    // might make something of the same memory: only from its anchor).
    Status retype(std::span<Slot> dest, const Slot& source, const RetypeRequest& request, uint64_t& made);
    Status retype(const Capability& root, CapRef dest, const Slot& source, const RetypeRequest& request,
                  uint64_t& made);
    // Zeroes the next zero_step bytes of a frame; `again` while some are left. Errors: wrong_type, busy.
    Status clean(Slot& frame);
    // A capability that nothing here was made from: at boot, and those that came from another core. Its
    // memory, if it is a kernel object's, is initialised already. Errors: slot_occupied; invalid_argument,
    // misaligned (no object is so); unclean; overlaps (it would cut through what is there).
    Status insert_root(Slot& dest, const Capability& cap);
    // A Mapping, just checked and about to be entered in its table. Errors: slot_occupied.
    Status insert_derived(Slot& dest, const Capability& mapping);
    // Makes an anchor of it, with these rights. Errors: no_capability, busy; refused (a type that does not leave its
    // core, or has no ranges).
    Status make_anchor(Slot& slot, Rights rights);

    // --- taking them away (removal.cpp) ---
    // Empties the slot; if it was the last capability to its object, destroys that. Needs no right on the
    // object. An object with slots inside is emptied, too: call until it is not `again`. An empty slot is a
    // success.
    Status delete_slot(Slot& slot);
    // Deletes every copy and descendant of the slot, wherever they lie, but not itself. It ends early if the
    // slot itself lay in one of them: as a success, or no_capability or busy if that was in an earlier call.
    // `spared`, an anchor of the same object or null, stays, too, and nobody stops at it.
    // Errors: no_capability, busy, no_right; invalid_argument (`spared`); again; shared (an anchor was met and is recalled
    // now: once its monitor has deleted it, call again).
    Status revoke(Slot& slot, const Slot* spared = nullptr);
    // Empties a slot inside a kernel object without waiting. A last capability that takes more than one call
    // stays, as a zombie, until the slot is deleted again or its object is.
    void drop_copy(Slot& slot);
    // One step of what deleters left unfinished, for an idle core; `again` while there is more.
    Status reap();

    const DerivationTree& tree() const { return tree_; }
    DerivationTree& tree() { return tree_; }
    uint64_t visits() const { return visits_; }  // slots touched by delete and revoke so far
    // Changes, and is never 0, when a CNode capability leaves a slot or loses its rights: a copy that somebody has kept
    // since it last had this value is as good as the one in the slot.
    uint64_t cnode_epoch() const { return cnode_epoch_; }

  private:
    struct Alias {
        ObjectHooks& hooks;
        std::byte* operator()(base::PhysAddr address) const { return hooks.pointer(address); }
    };
    static base::Result<Slot*> checked(Slot* slot, Type type, Rights rights) {
        if (slot == nullptr) return base::Error::no_capability;
        if (capabilities::usable(slot->cap, type, rights)) return slot;
        return capabilities::why_unusable(slot->cap, type, rights);
    }
    void fill(Slot& slot, const Capability& cap);
    void erase(Slot& slot, bool tell);
    void doom(Capability& cap);
    void zero(uint64_t base, uint64_t bytes);
    Slot* inner(const Capability& object, uint32_t index);
    Slot* next_to_revoke(Slot& slot, const Slot* spared) const;
    Status remove_step(Slot& slot);
    Status destroy_step(Slot& slot);
    bool bury(Slot& slot);
    bool removing() const { return dying_ != nullptr || !parked_.empty(); }
    void reap_step();

    DerivationTree tree_;
    ObjectHooks& hooks_;
    uint32_t vnode_levels_;
    uint32_t generation_ = 0;  // of the last VNode
    uint32_t anchors_ = 0;     // in slots of this core
    Slot* dying_ = nullptr;    // list of buried zombies, linked by Capability::extra
    Slot parked_;              // what a buried object displaced; no other is buried until it is gone
    bool destroying_ = false;  // inside a hook: nothing else is destroyed meanwhile
    uint64_t visits_ = 0;
    uint64_t cnode_epoch_ = 1;
};

}  // namespace skerry::cpudriver
