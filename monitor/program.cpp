#include "monitor/monitor.hpp"

namespace skerry::monitor {

ProgramLink::ProgramLink(Monitor& monitor, const urpc::ChannelLayout& layout, urpc::Poker& poker, urpc::FramePool& pool,
                         ProgramHandler& handler)
    : Server(monitor.loop.set(), layout, poker, pool, handler), monitor_(monitor) {}

void ProgramLink::on_finished() {
    gone_ = true;
    monitor_.changed.set();
}

Program::Program(Monitor& monitor, base::DomainId id, std::span<std::byte> pool_memory,
                 const urpc::ChannelLayout& layout, runtime::SpawnedDomain spawned)
    : domain(std::move(spawned)),
      pool(pool_memory, frame_bytes),
      handler{monitor, id},
      link(monitor, layout, poker, pool, handler) {}

}  // namespace skerry::monitor
