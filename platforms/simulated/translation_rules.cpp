#include "platforms/simulated/translation_rules.hpp"

#include <algorithm>

#include "capabilities/rules.hpp"

namespace skerry::simulated {

using namespace capabilities;
using cpudriver::DerivationTree;
using cpudriver::Slot;
using Format = platform::PageTable;

namespace {

// The root of a first program is not numbered: its entries were made before there was anybody to hold Mappings.
constexpr uint32_t root_of_first = ~uint32_t{0};

// Which of 64 entries from `first` lead to something.
uint64_t present(const uint64_t* table, uint64_t first) {
    uint64_t any = 0;
    for (uint64_t i = 0; i < 64; ++i) any |= table[first + i];
    if (!Format::present(any)) return 0;  // most parts of most tables
    uint64_t mask = 0;
    for (uint64_t i = 0; i < 64; ++i) mask |= uint64_t{Format::present(table[first + i])} << i;
    return mask;
}

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
    if (!simulator_.due(core.left, interval)) return;
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
    if (const char* wrong = collect(tree)) return wrong;
    for (const Made& made : made_) {
        if (made.tables_badge == root_of_first) continue;
        for (uint64_t i = 0; i < Format::entries; i += 64) {
            if (present(made.table, i) & ~made.entries[i / 64]) return "an entry of a page table without its mapping";
        }
    }
    return nullptr;
}

// The page tables that the core holds, and the entries of each that were made as a Mapping says.
const char* TranslationRules::collect(const DerivationTree& tree) {
    made_.clear();
    constexpr auto lane = static_cast<size_t>(Space::memory);
    for (Slot* slot = tree.first(lane); slot != nullptr; slot = tree.next(*slot)) {
        const Capability& vnode = slot->cap;
        if (vnode.type != Type::vnode || zombie(vnode)) continue;
        if (made_.empty() || made_.back().base != vnode.base) {  // the lane is in the order of bases
            made_.push_back({vnode.base, table(vnode.base), vnode.badge, {}});
        }
    }
    for (Slot* slot = tree.first(DerivationTree::mapping_lane); slot != nullptr; slot = tree.next(*slot)) {
        const Capability& mapping = slot->cap;
        if (!mapped_thing_is_held(tree, mapping)) return "a mapping of what this core does not hold";
        auto made = std::lower_bound(made_.begin(), made_.end(), page_of(mapping.extra),
                                     [](const Made& one, uint64_t base) { return one.base < base; });
        if (made == made_.end() || made->base != page_of(mapping.extra) || made->tables_badge != mapping.badge)
            continue;
        uint64_t bytes = Format::bytes_per_entry(mapping.level);
        uint64_t entries = includes(mapping.rights, Rights::read) ? mapping.size / bytes : 1;
        uint64_t first = mapping.extra % base::page_size / sizeof(uint64_t);
        for (uint64_t i = 0; i < entries && first + i < Format::entries; ++i) {
            bool as_it_says = Format::address(made->table[first + i]).value == mapping.base + i * bytes;
            made->entries[(first + i) / 64] |= uint64_t{as_it_says} << (first + i) % 64;
        }
    }
    return nullptr;
}

}  // namespace skerry::simulated
