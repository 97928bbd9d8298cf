#include "platforms/simulated/translation_rules.hpp"

#include "capabilities/rules.hpp"

namespace skerry::simulated {

using namespace capabilities;
using cpudriver::DerivationTree;
using cpudriver::Slot;
using Format = platform::PageTable;

namespace {

constexpr uint64_t page_of(uint64_t address) {
    return address & ~(base::page_size - 1);
}

// Something that may be mapped and has the range in it is held, too.
bool mapped_thing_is_held(const DerivationTree& tree, const Capability& mapping) {
    constexpr auto lane = static_cast<size_t>(Space::memory);
    for (const Slot* slot = tree.nearest_ancestor(mapping); slot != nullptr; slot = nullptr) {
        Type type = slot->cap.type;
        if (type == Type::frame || type == Type::vnode || type == Type::device_memory) return true;
    }
    // An object inside the frame that begins where the mapping does may be nearer.
    for (Slot* slot = tree.first(lane); slot != nullptr; slot = tree.next(*slot)) {
        const Capability& cap = slot->cap;
        bool may_be_mapped = cap.type == Type::frame || cap.type == Type::vnode || cap.type == Type::device_memory;
        if (may_be_mapped && cap.base <= mapping.base && mapping.end() <= cap.end()) return true;
    }
    return false;
}

}  // namespace

TranslationRules::TranslationRules(Simulator& simulator)
    : simulator_(simulator), cores_(simulator.world().shape().cores.size()) {
    simulator.world().watch(*this);
}

void TranslationRules::used(uint64_t hardware, const hosted::Translation& translation) {
    cores_[hardware].pages[page_of(translation.address)] = translation;
}
// What a processor keeps of tables on the way goes with any page.
void TranslationRules::flushed(uint64_t hardware, uint64_t address) {
    cores_[hardware].pages.erase(page_of(address));
}
void TranslationRules::flushed(uint64_t hardware) {
    cores_[hardware].pages.clear();
}

bool TranslationRules::stale(const hosted::Translation& kept) const {
    uint64_t from = kept.root;
    for (uint32_t level = Format::levels; level >= 1; --level) {
        uint64_t entry = table(from)[Format::index(base::VirtAddr{kept.address}, level)];
        if (entry != kept.entry[level - 1]) return true;
        if (!Format::leads_on(entry)) break;
        from = Format::address(entry).value;
    }
    return false;
}

void TranslationRules::boundary(Actor actor) {
    if (actor.driver || actor.hardware >= cores_.size()) return;
    Kept& core = cores_[actor.hardware];
    AccessSink* sink = set_access_sink(nullptr);
    bool wrong = false;
    for (const auto& [page, kept] : core.pages) wrong = wrong || stale(kept);
    set_access_sink(sink);
    if (wrong) simulator_.fail("core " + std::to_string(actor.hardware) + " keeps a stale translation");
    if (core.left-- != 0) return;
    core.left = interval;
    check_tables(actor.hardware);
}

void TranslationRules::quiet() {
    for (uint32_t i = 0; i < cores_.size(); ++i) {
        if (!simulator_.stopped(i)) check_tables(i);
    }
}

void TranslationRules::check_tables(uint32_t hardware) {
    hosted::CoreThread* core = simulator_.world().core(hardware);
    if (core == nullptr || core->driver() == nullptr) return;
    AccessSink* sink = set_access_sink(nullptr);
    const char* wrong = problem(core->driver()->capabilities().tree());
    set_access_sink(sink);
    if (wrong != nullptr) simulator_.fail("core " + std::to_string(hardware) + ": " + wrong);
}

const char* TranslationRules::problem(const DerivationTree& tree) {
    std::unordered_map<uint64_t, Capability> made;  // by physical address of the entry
    for (Slot* slot = tree.first(DerivationTree::mapping_lane); slot != nullptr; slot = tree.next(*slot)) {
        const Capability& mapping = slot->cap;
        uint64_t bytes = Format::bytes_per_entry(mapping.level);
        uint64_t entries = includes(mapping.rights, Rights::read) ? mapping.size / bytes : 1;
        for (uint64_t i = 0; i < entries; ++i) {
            Capability part = mapping;
            part.base += i * bytes;
            made[mapping.extra + i * sizeof(uint64_t)] = part;
        }
        if (!mapped_thing_is_held(tree, mapping)) return "a mapping of what this core does not hold";
    }
    constexpr auto lane = static_cast<size_t>(Space::memory);
    for (Slot* slot = tree.first(lane); slot != nullptr; slot = tree.next(*slot)) {
        const Capability& vnode = slot->cap;
        // The root of a first program is not numbered: its entries were made before there was anybody to hold Mappings.
        if (vnode.type != Type::vnode || zombie(vnode) || vnode.badge == ~uint32_t{0}) continue;
        for (uint64_t i = 0; i < Format::entries; ++i) {
            uint64_t entry = table(vnode.base)[i];
            if (!Format::present(entry)) continue;
            auto found = made.find(vnode.base + i * sizeof(uint64_t));
            if (found == made.end() || found->second.badge != vnode.badge ||
                found->second.base != Format::address(entry).value) {
                return "an entry of a page table without its mapping";
            }
        }
    }
    return nullptr;
}

}  // namespace skerry::simulated
