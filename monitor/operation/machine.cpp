#include "monitor/operation/machine.hpp"

#include "monitor/operation/connect.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace protocol = urpc::monitor;
namespace service_start = urpc::service_start;

namespace {

// What the directory knows of a core, and what that core says about itself, if it is there.
Task<Result<protocol::CoreInfo>> status_at_directory(FramePool&, Monitor& m, base::CoreId core) {
    const CoreEntry* entry = m.cores.find(core);
    if (entry == nullptr) co_return Error::out_of_range;
    protocol::CoreInfo info{};
    if (core == m.core) {
        info = vitals(m);
    } else if (Peer* peer = m.peers.find(core); peer != nullptr && entry->state == CoreState::online) {
        protocol::CoreStatus request{core};
        auto call = peer->link.call(request);
        auto answer = co_await call;
        // It may have been fenced meanwhile: then what we know is all.
        if (!answer.ok() && entry->state == CoreState::online) co_return answer.error();
        if (answer.ok()) info = answer.value();
    }
    info.core = core;
    info.state = entry->state;
    info.package = entry->package;
    info.node = entry->node;
    info.hardware = entry->hardware;
    info.kernel_base = entry->kernel_base;
    info.timer_ok = entry->timer_ok;
    info.core_count = m.cores.count;
    info.reason = entry->reason;
    co_return info;
}

Result<protocol::Distances> distances_from(const urpc::MachineInfo& machine, base::NodeId from) {
    static_assert(protocol::nodes_maximum == urpc::machine_nodes_maximum);
    if (from.value >= machine.node_count) return Error::out_of_range;
    protocol::Distances distances{machine.node_count, {}};
    for (uint32_t i = 0; i < machine.node_count; ++i) distances.to[i] = machine.distance[from.value][i];
    return distances;
}

}  // namespace

Task<Result<protocol::Distances>> node_distances(FramePool& pool, Monitor& m, protocol::NodeDistances request) {
    if (m.is_directory()) {
        SKERRY_ASSERT(m.machine != nullptr);
        co_return distances_from(*m.machine, request.from);
    }
    auto asking = at_directory(pool, m, request);
    auto answer = co_await asking;
    co_return answer;
}

Task<Result<protocol::CoreInfo>> own_status(FramePool&, Monitor& m) {
    co_return vitals(m);
}

Task<Result<protocol::CoreInfo>> core_status(FramePool& pool, Monitor& m, base::CoreId core) {
    if (m.is_directory()) {
        auto asking = status_at_directory(pool, m, core);
        auto info = co_await asking;
        co_return info;
    }
    auto asking = at_directory(pool, m, protocol::CoreStatus{core});
    auto info = co_await asking;
    co_return info;
}

// Only init can: it holds the ports and has read the firmware's tables. It does not answer; so after a while it has
// failed.
Task<Result<protocol::PowerFailed>> power(FramePool& pool, Monitor& m, protocol::Power request) {
    constexpr uint64_t patience = 3'000'000'000;  // ns
    if (!m.is_directory()) {
        auto asking = at_directory(pool, m, request);
        auto failed = co_await asking;
        co_return failed;
    }
    service_start::Power message{static_cast<uint64_t>(request.action)};
    Status told = m.tell_init(service_start::pack(service_start::Operation::power, message));
    if (!told.ok()) co_return Error::unsupported;
    auto wait = m.loop.timers().sleep(m.now() + patience);
    co_await wait;
    co_return protocol::PowerFailed{};
}

}  // namespace skerry::monitor
