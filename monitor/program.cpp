#include "monitor/monitor.hpp"

namespace skerry::monitor {

ProgramLink::ProgramLink(Monitor& monitor, const urpc::ChannelLayout& layout, urpc::Poker& poker, urpc::FramePool& pool,
                         ProgramHandler& handler)
    : Server(monitor.loop.set(), layout, poker, pool, handler), monitor_(monitor), domain_(handler.domain) {}

void ProgramLink::on_finished() {
    gone_ = true;
    monitor_.changed.set();
}

// Without its ring it could ask for nothing any more: it ends, and whoever waits for it hears why.
void ProgramLink::on_violation() {
    DomainRecord* record = monitor_.domains.find(domain_);
    if (record == nullptr) return;
    base::Buffer<96> why;
    why << "it broke the rules of its monitor's channel: " << base::text(reason());
    monitor_.domains.begin_end(*record, runtime::fault_status, why.view());
    monitor_.changed.set();
}

Program::Program(Monitor& monitor, base::DomainId id, std::span<std::byte> pool_memory,
                 const urpc::ChannelLayout& layout, runtime::SpawnedDomain spawned)
    : domain(std::move(spawned)),
      pool(pool_memory, frame_bytes),
      handler{monitor, id},
      link(monitor, layout, poker, pool, handler) {}

}  // namespace skerry::monitor
