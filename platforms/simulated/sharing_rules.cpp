#include "platforms/simulated/sharing_rules.hpp"

#include "capabilities/rules.hpp"

namespace skerry::simulated {

using namespace capabilities;
using cpudriver::DerivationTree;
using cpudriver::Slot;

namespace {

constexpr uint32_t nobody = ~uint32_t{0}, boot_core = 0;
constexpr uint64_t least_of_a_core = 2 * 1024 * 1024;  // bytes: what goes to another core for good is no smaller piece

bool memory_of_programs(const Capability& cap) {
    return cap.type == Type::ram || cap.type == Type::frame;
}

template <typename Visit>
const char* each_of_memory(const DerivationTree& tree, Visit&& visit) {
    constexpr auto lane = static_cast<size_t>(Space::memory);
    for (Slot* slot = tree.first(lane); slot != nullptr; slot = tree.next(*slot)) {
        if (const char* wrong = visit(*slot)) return wrong;
    }
    return nullptr;
}

}  // namespace

DerivationTree* SharingRules::tree(uint32_t hardware) {
    hosted::CoreThread* core = simulator_.world().core(hardware);
    if (core == nullptr || core->driver() == nullptr || simulator_.stopped(hardware)) return nullptr;
    return &core->driver()->capabilities().tree();
}

uint32_t SharingRules::owner_of(const Capability& object) {
    for (uint32_t hardware = 0; hardware < left_.size(); ++hardware) {
        if (simulator_.world().owned_by(object.base, object.size, hardware)) return hardware;
    }
    return nobody;
}

// At rest: memory of a core that was fenced is the directory's, which is the core that booted.
uint32_t SharingRules::keeper_of(const Capability& object) {
    uint32_t owner = owner_of(object);
    return owner != nobody && simulator_.fenced(owner) ? boot_core : owner;
}

bool SharingRules::anchored(uint32_t hardware, const Capability& object) {
    Tree* there = tree(hardware);
    if (there == nullptr) return true;  // it has stopped; who inherits from it is told a while later
    const Slot* found = there->find_object(object.type, object.base, object.size);
    return found != nullptr && anchor(found->cap);
}

bool SharingRules::held_elsewhere(uint32_t hardware, const Capability& object) {
    for (uint32_t other = 0; other < left_.size(); ++other) {
        if (other != hardware && tree(other) != nullptr && anchored(other, object)) return true;
    }
    return false;
}

void SharingRules::fail(uint32_t hardware, const char* why) {
    simulator_.fail("capabilities of core " + std::to_string(hardware) + ": " + why);
}

void SharingRules::boundary(Actor actor) {
    if (actor.driver || actor.hardware >= left_.size()) return;
    if (!simulator_.due(left_[actor.hardware], interval)) return;
    AccessSink* sink = set_access_sink(nullptr);
    const char* wrong = problem(actor.hardware);
    set_access_sink(sink);
    if (wrong != nullptr) fail(actor.hardware, wrong);
}

void SharingRules::quiet() {
    bool all = true;
    // Who has been fenced holds nothing: no book has it any more.
    for (uint32_t i = 0; i < left_.size(); ++i) all = all && (!simulator_.stopped(i) || simulator_.fenced(i));
    for (uint32_t i = 0; i < left_.size(); ++i) {
        AccessSink* sink = set_access_sink(nullptr);
        const char* wrong = problem(i);
        if (wrong == nullptr && all) wrong = problem_at_rest(i);
        set_access_sink(sink);
        if (wrong != nullptr) fail(i, wrong);
    }
}

const char* SharingRules::problem(uint32_t hardware) {
    Tree* own = tree(hardware);
    if (own == nullptr) return nullptr;
    hosted::World& world = simulator_.world();
    std::vector<Capability> known;
    return each_of_memory(*own, [&](Slot& slot) -> const char* {
        const Capability& cap = slot.cap;
        bool object = ((kernel_objects | bit(Type::frame)) & bit(cap.type)) != 0;
        if (object && !foreign(cap) && !world.owned_by(cap.base, cap.size, hardware)) {
            return "an object of its own lies in memory that it does not own";
        }
        if (!foreign(cap) || !anchor(cap) || !memory_of_programs(cap)) return nullptr;
        uint32_t owner = owner_of(cap);
        if (owner == nobody) return "it holds memory that nobody owns";
        // A part that was made here is told of when it leaves for a third core; until then what is around it stands for it.
        known.push_back(cap);
        for (const Capability& around : known) {
            bool covers = same_object(cap, around) || descends_from(cap, around);
            if (covers && anchored(owner, around)) return nullptr;
        }
        return "it holds an object of which the owner knows nothing";
    });
}

// What is in the books only, or in no book.
const char* SharingRules::problem_at_rest(uint32_t hardware) {
    Tree* own = tree(hardware);
    if (own == nullptr) return nullptr;
    std::vector<Capability> anchors;
    return each_of_memory(*own, [&](Slot& slot) -> const char* {
        const Capability& cap = slot.cap;
        if (zombie(cap)) return "something is being deleted, and nobody goes on with it";
        if (!memory_of_programs(cap)) return nullptr;
        if (anchor(cap)) {
            anchors.push_back(cap);
            if ((cap.flags & flag_recalled) != 0) return "a revoke waits at an anchor";
            uint32_t keeper = keeper_of(cap);
            if (!foreign(cap) || keeper == hardware)
                return held_elsewhere(hardware, cap) ? nullptr : "an anchor of which nobody else holds the object";
            if (keeper != nobody && !anchored(keeper, cap)) return "its owner does not know of it";
            return own->has_copies(slot) || own->has_descendants(slot) ? nullptr : "an anchor with nothing beside it";
        }
        if (!foreign(cap) || cap.type != Type::ram || cap.size >= least_of_a_core) return nullptr;
        if (keeper_of(cap) == hardware) return nullptr;  // its own, as it were: nobody else has it
        for (const Capability& around : anchors) {
            if (same_object(cap, around) || descends_from(cap, around)) return nullptr;
        }
        return "memory of another core's in no book";
    });
}

}  // namespace skerry::simulated
