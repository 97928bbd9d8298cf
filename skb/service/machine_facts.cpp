#include "skb/service/machine_facts.hpp"

namespace skerry::skb {

namespace monitor = urpc::monitor;
using usr::console::MonitorLink;

namespace {

// Numbers as one fact.
Status tell(KnowledgeBase& base, std::string_view name, std::initializer_list<uint64_t> numbers,
            std::string_view last = {}) {
    std::array<Value, most_columns> row;
    uint32_t count = 0;
    for (uint64_t number : numbers) {
        if (number > INT64_MAX) return Error::out_of_range;
        row[count++] = SKERRY_TRY(base.symbols().number(static_cast<int64_t>(number)));
    }
    if (!last.empty()) row[count++] = SKERRY_TRY(base.symbols().atom(last));
    Predicate* predicate = SKERRY_TRY(base.predicates().get(SKERRY_TRY(base.symbols().atom(name)), count));
    return base.tell(*predicate, {row.data(), count});
}

// When it is known what became of it.
Result<monitor::CoreInfo> settled(MonitorLink& link, base::CoreId core, uint64_t deadline) {
    runtime::Dispatcher& dispatcher = link.loop().program().dispatcher;
    for (;;) {
        monitor::CoreInfo info = SKERRY_TRY(link.ask(monitor::CoreStatus{core}));
        if (info.state != monitor::CoreState::starting || dispatcher.now() >= deadline) return info;
        constexpr uint64_t while_ns = 20'000'000;
        (void)dispatcher.wait_until([] { return false; }, dispatcher.now() + while_ns).ok();
    }
}

// What init has lent us: text. Nobody else could put a frame there before we began.
Status tell_lent(KnowledgeBase& base, runtime::Program& self) {
    namespace well_known = capabilities::well_known;
    auto frame = runtime::CNodeCap{}.identify(well_known::service);
    if (!frame.ok() || frame->type != capabilities::Type::frame) return {};
    uint64_t at =
        SKERRY_TRY(self.space().map_anywhere(well_known::service, 0, frame->size, capabilities::map_flags::read));
    std::string_view text(platform::at<const char>(at), frame->size);
    text = text.substr(0, text.find('\0'));
    Problem problem;
    Status told = text.empty() ? Status() : base.tell(text, problem);
    SKERRY_CHECK(self.space().unmap(at, frame->size));
    return told;
}

}  // namespace

// Its memory service's regions.
Status MachineFacts::tell_memory(base::CoreId core) {
    for (uint32_t region = 0, count = 1; region < count; region++) {
        Result<monitor::MemoryInfo> info = link_.ask(monitor::MemoryStatistics{core, region});
        if (!info.ok()) return info.error() == Error::out_of_range ? Error::none : info.error();
        count = info->regions;
        SKERRY_CHECK(tell(base_, "memory", {info->node.value, info->base, info->size}, "ram"));
        if (info->node.value < free_.size()) free_[info->node.value] += info->free;
    }
    return {};
}

// Each core tells its own.
Status MachineFacts::tell_caches(const monitor::CoreInfo& info) {
    monitor::Caches caches = SKERRY_TRY(link_.ask(monitor::ListCaches{info.core}));
    for (uint32_t i = 0; i < caches.count && i < caches.cache.size(); i++) {
        const monitor::Cache& cache = caches.cache[i];
        uint32_t first = sharers_.add(info.core.value, info.hardware.value, cache.level, cache.shift);
        SKERRY_CHECK(tell(base_, "cache", {info.core.value, cache.level, cache.bytes, cache.line, first}));
    }
    return {};
}

Status MachineFacts::tell_core(const monitor::CoreInfo& info) {
    if (info.core.value >= known_.size() || known_[info.core.value]) return {};
    known_[info.core.value] = true;
    unknown_--;
    SKERRY_CHECK(tell_memory(info.core));
    return tell_caches(info);
}

Status MachineFacts::begin() {
    constexpr uint64_t patience = 10'000'000'000;
    uint64_t deadline = link_.loop().program().dispatcher.now() + patience;
    for (uint32_t i = 0, count = 1; i < count; i++) {
        monitor::CoreInfo info = SKERRY_TRY(settled(link_, base::CoreId{i}, deadline));
        count = cores_ = info.core_count;
        unknown_++;
        SKERRY_CHECK(tell(base_, "core", {i, info.package.value, info.node.value}));
        SKERRY_CHECK(tell(base_, "package", {info.package.value}));
        SKERRY_CHECK(tell(base_, "node", {info.node.value}));
        SKERRY_CHECK(tell(base_, "apic", {i, info.hardware.value}));
        if (info.state != monitor::CoreState::online) continue;
        SKERRY_CHECK(tell(base_, "running", {i}));
        SKERRY_CHECK(tell_core(info));
    }
    SKERRY_CHECK(tell_lent(base_, link_.loop().program()));
    for (uint32_t from = 0, count = 1; from < count; from++) {
        monitor::Distances far = SKERRY_TRY(link_.ask(monitor::NodeDistances{base::NodeId{from}}));
        count = far.nodes < monitor::nodes_maximum ? far.nodes : monitor::nodes_maximum;
        SKERRY_CHECK(tell(base_, "free", {from, free_[from]}));
        for (uint32_t to = 0; to < count; to++) SKERRY_CHECK(tell(base_, "node_distance", {from, to, far.to[to]}));
    }
    return {};
}

Result<uint32_t> MachineFacts::look_again() {
    uint32_t before = unknown_;
    for (uint32_t i = 0; i < cores_ && i < known_.size() && unknown_ != 0; i++) {
        if (known_[i]) continue;
        monitor::CoreInfo info = SKERRY_TRY(link_.ask(monitor::CoreStatus{base::CoreId{i}}));
        if (info.state == monitor::CoreState::online) SKERRY_CHECK(tell_core(info));
    }
    return before - unknown_;
}

}  // namespace skerry::skb
