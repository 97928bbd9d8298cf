#include "skb/service/machine_facts.hpp"

#include <array>

#include "skb/service/sharers.hpp"

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
        bool waits = info.state == monitor::CoreState::starting || info.state == monitor::CoreState::offline;
        if (!waits || dispatcher.now() >= deadline) return info;
        constexpr uint64_t while_ns = 20'000'000;
        (void)dispatcher.wait_until([] { return false; }, dispatcher.now() + while_ns).ok();
    }
}

// Its memory service's regions; a node's free memory is the sum over its cores.
Status tell_memory(KnowledgeBase& base, MonitorLink& link, base::CoreId core,
                   std::array<uint64_t, monitor::nodes_maximum>& free) {
    for (uint32_t region = 0, count = 1; region < count; region++) {
        Result<monitor::MemoryInfo> info = link.ask(monitor::MemoryStatistics{core, region});
        if (!info.ok()) return info.error() == Error::out_of_range ? Error::none : info.error();
        count = info->regions;
        SKERRY_CHECK(tell(base, "memory", {info->node.value, info->base, info->size}, "ram"));
        if (info->node.value < free.size()) free[info->node.value] += info->free;
    }
    return {};
}

// Each core tells its own.
Status tell_caches(KnowledgeBase& base, MonitorLink& link, const monitor::CoreInfo& info, Sharers& sharers) {
    monitor::Caches caches = SKERRY_TRY(link.ask(monitor::ListCaches{info.core}));
    for (uint32_t i = 0; i < caches.count && i < caches.cache.size(); i++) {
        const monitor::Cache& cache = caches.cache[i];
        uint32_t first = sharers.add(info.core.value, info.hardware.value, cache.level, cache.shift);
        SKERRY_CHECK(tell(base, "cache", {info.core.value, cache.level, cache.bytes, cache.line, first}));
    }
    return {};
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

Status tell_machine(KnowledgeBase& base, MonitorLink& link) {
    constexpr uint64_t patience = 10'000'000'000;
    uint64_t deadline = link.loop().program().dispatcher.now() + patience;
    std::array<uint64_t, monitor::nodes_maximum> free{};
    Sharers sharers;
    for (uint32_t i = 0, count = 1; i < count; i++) {
        monitor::CoreInfo info = SKERRY_TRY(settled(link, base::CoreId{i}, deadline));
        count = info.core_count;
        SKERRY_CHECK(tell(base, "core", {i, info.package.value, info.node.value}));
        SKERRY_CHECK(tell(base, "package", {info.package.value}));
        SKERRY_CHECK(tell(base, "node", {info.node.value}));
        SKERRY_CHECK(tell(base, "apic", {i, info.hardware.value}));
        if (info.state != monitor::CoreState::online) continue;
        SKERRY_CHECK(tell(base, "running", {i}));
        SKERRY_CHECK(tell_memory(base, link, info.core, free));
        SKERRY_CHECK(tell_caches(base, link, info, sharers));
    }
    SKERRY_CHECK(tell_lent(base, link.loop().program()));
    for (uint32_t from = 0, count = 1; from < count; from++) {
        monitor::Distances far = SKERRY_TRY(link.ask(monitor::NodeDistances{base::NodeId{from}}));
        count = far.nodes < monitor::nodes_maximum ? far.nodes : monitor::nodes_maximum;
        SKERRY_CHECK(tell(base, "free", {from, free[from]}));
        for (uint32_t to = 0; to < count; to++) SKERRY_CHECK(tell(base, "node_distance", {from, to, far.to[to]}));
    }
    return {};
}

}  // namespace skerry::skb
