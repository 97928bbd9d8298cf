#include "platforms/simulated/capability_rules.hpp"

#include <array>

#include "capabilities/type.hpp"

namespace skerry::simulated {

using capabilities::Capability;
using cpudriver::DerivationTree;
using cpudriver::Slot;

// The driver is left: whatever it did is whole.
void CapabilityRules::boundary(Actor actor) {
    if (actor.driver || actor.hardware >= left_.size()) return;
    if (!simulator_.due(left_[actor.hardware], interval)) return;
    check(actor.hardware);
}

void CapabilityRules::quiet() {
    for (uint32_t i = 0; i < left_.size(); ++i) {
        if (!simulator_.stopped(i)) check(i);
    }
}

void CapabilityRules::check(uint32_t hardware) {
    hosted::CoreThread* core = simulator_.world().core(hardware);
    if (core == nullptr || core->driver() == nullptr) return;
    AccessSink* sink = set_access_sink(nullptr);
    const char* wrong = problem(core->driver()->capabilities().tree());
    set_access_sink(sink);
    if (wrong != nullptr) simulator_.fail(std::string("capabilities: ") + wrong);
}

const char* CapabilityRules::problem(const DerivationTree& tree) {
    std::array<uint64_t, capabilities::type_count> counts{};
    for (size_t lane = 0; lane < DerivationTree::lane_count; ++lane) {
        std::vector<const Capability*> open;  // those that what comes next may lie in
        const Slot* before = nullptr;
        for (Slot* slot = tree.first(lane); slot != nullptr; before = slot, slot = tree.next(*slot)) {
            const Capability& cap = slot->cap;
            if (cap.empty() || cap.type >= capabilities::Type::count_) return "an empty slot in a tree";
            ++counts[static_cast<size_t>(cap.type)];
            if (before != nullptr && cpudriver::SlotTraits::less(cap, before->cap)) return "out of order";
            if (lane == DerivationTree::mapping_lane ||
                capabilities::info(cap.type).space != capabilities::Space::memory) {
                continue;
            }
            while (!open.empty() && open.back()->end() <= cap.base) open.pop_back();
            if (!open.empty() && !capabilities::same_object(*open.back(), cap) &&
                !capabilities::descends_from(cap, *open.back())) {
                return "ranges cut each other, or an object lies in another";
            }
            open.push_back(&cap);
        }
    }
    for (size_t type = 0; type < counts.size(); ++type) {
        if (counts[type] != tree.count(static_cast<capabilities::Type>(type))) return "a counter is wrong";
    }
    return nullptr;
}

}  // namespace skerry::simulated
