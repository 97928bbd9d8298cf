// This core and what lies in it: memory, capabilities, caches, trace, times.
#include "monitor/operation/here.hpp"

#include "platform/user/cpu_topology.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
namespace protocol = urpc::monitor;

Result<protocol::MemoryInfo> answer_here(Monitor& m, const protocol::MemoryStatistics& request) {
    auto region = SKERRY_TRY(m.memory.statistics(request.region));
    auto node = m.is_directory() ? base::NodeId{static_cast<uint32_t>(region.node)} : m.node;
    return protocol::MemoryInfo{.node = node,
                                .base = region.base,
                                .size = region.size,
                                .free = region.free,
                                .largest_free = region.largest_free,
                                .blocks = region.blocks,
                                .shape = region.shape,
                                .regions = region.regions};
}

Result<protocol::CapabilityCount> answer_here(Monitor&, const protocol::CountCapabilities& request) {
    if (request.type >= capabilities::type_count) return Error::out_of_range;
    uint64_t count = SKERRY_TRY(runtime::KernelCap{}.count(static_cast<capabilities::Type>(request.type)));
    return protocol::CapabilityCount{count};
}

Result<protocol::Held> answer_here(Monitor& m, const protocol::CountHeld&) {
    size_t frames = m.pool().in_use();
    for (DomainRecord* record = m.domains.next({}); record; record = m.domains.next(record->id)) {
        if (record->program != nullptr) frames += record->program->pool.in_use();
    }
    return protocol::Held{m.channels.count(), static_cast<uint32_t>(frames)};
}

// Of the processor on which this runs: cores need not have the same.
Result<protocol::Caches> answer_here(Monitor&, const protocol::ListCaches&) {
    protocol::Caches caches{};
    platform::CpuCache cache;
    while (caches.count < caches.cache.size() && platform::cpu_cache(caches.count, cache)) {
        caches.cache[caches.count++] = {cache.level, cache.line, cache.bytes, cache.shift};
    }
    return caches;
}

Result<protocol::TraceEvents> answer_here(Monitor&, const protocol::ReadTrace& request) {
    protocol::TraceEvents answer{.next = request.position, .lost = 0, .count = 0, .events = {}};
    while (answer.count < answer.events.size()) {
        auto event = runtime::KernelCap{}.trace_read(answer.next);
        if (event.error() == Error::not_found) break;
        if (!event.ok()) return event.error();
        answer.events[answer.count++] = {event->time_ns, event->kind, event->argument};
        answer.lost += event->next - 1 - answer.next;
        answer.next = event->next;
    }
    return answer;
}

protocol::CoreInfo vitals(Monitor& m) {
    protocol::CoreInfo info{};
    info.core = m.core;
    info.state = CoreState::online;
    info.hardware = m.hardware;
    info.kernel_base = m.kernel_base;
    info.timer_ok = m.timer_ok;
    info.core_count = m.core_count;
    info.uptime_ns = m.now() - m.started_at;
    auto statistics = runtime::KernelCap{}.statistics();
    if (statistics.ok()) info.idle_ns = statistics->idle_ns;
    return info;
}

}  // namespace skerry::monitor
