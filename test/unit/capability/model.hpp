// What capabilities should do, in the simplest words: a map from slots to capabilities, every question a
// walk.
#pragma once

#include <map>

#include "arena.hpp"

namespace skerry::test {

class Model {
  public:
    explicit Model(Arena& arena) : arena_(arena) {}

    std::map<Slot*, Capability> held;

    bool has(Slot* slot) const { return held.count(slot) != 0; }
    const Capability& at(Slot* slot) const { return held.at(slot); }

    bool below(const Capability& inner, const Capability& outer) const {
        if (inner.type == Type::mapping && outer.type != Type::mapping) {
            return inner.base >= outer.base && inner.base < outer.end();
        }
        return descends_from(inner, outer);
    }
    bool overlaps(const Capability& source, uint64_t base, uint64_t size) const {
        for (const auto& [slot, cap] : held) {
            if (below(cap, source) && cap.base < base + size && cap.end() > base) return true;
        }
        return false;
    }
    // Reference counting: an object goes with its last capability, and takes along what lies in it or maps
    // it.
    void remove(Slot* start) {
        std::vector<Slot*> work{start};
        while (!work.empty()) {
            Slot* slot = work.back();
            work.pop_back();
            auto found = held.find(slot);
            if (found == held.end()) continue;
            Capability cap = found->second;
            held.erase(found);
            bool last = true;
            for (const auto& [other, same] : held) last = last && !same_object(same, cap);
            if (!last) continue;
            if (cap.type == Type::frame || cap.type == Type::vnode) {
                for (const auto& [other, mapping] : held) {
                    if (mapping.type == Type::mapping && below(mapping, cap)) work.push_back(other);
                }
            }
            for (uint32_t i = 0; Slot* inner = inside(cap, i); i++) work.push_back(inner);
        }
    }
    // False if the slot itself went: what else did depends on the order.
    bool revoke(Slot* slot) {
        const Capability cap = at(slot);
        for (bool more = true; more && has(slot);) {
            more = false;
            for (const auto& [other, held_cap] : held) {
                if (other == slot || !(same_object(held_cap, cap) || below(held_cap, cap))) continue;
                remove(other);
                more = true;
                break;
            }
        }
        return has(slot);
    }
    Slot* inside(const Capability& cap, uint32_t index) const {
        if (cap.type != Type::cnode) return arena_.inner_slot(cap, index);
        return index < cap.size / slot_size ? arena_.slot(cap, index) : nullptr;
    }
    // Throws unless the core holds exactly this.
    void compare(const cpudriver::DerivationTree& tree) const {
        std::vector<Slot*> slots = all_slots(tree);
        expect(slots.size() == held.size(), "the number of capabilities");
        for (Slot* slot : slots) expect(has(slot) && at(slot) == slot->cap, "a capability differs");
    }
    void adopt(const cpudriver::DerivationTree& tree) {
        held.clear();
        for (Slot* slot : all_slots(tree)) held[slot] = slot->cap;
    }

  private:
    Arena& arena_;
};

}  // namespace skerry::test
