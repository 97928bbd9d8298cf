// A program that this monitor made: its capabilities, its rings, and the memory in which its requests are served.
// All of this lies in one block that was made for it, so no program can use up what another one needs (law 11).
#pragma once

#include "monitor/poker.hpp"
#include "monitor/program_handler.hpp"
#include "monitor/span_part.hpp"
#include "urpc/call.hpp"
#include "usr/runtime/ram_pool.hpp"
#include "usr/runtime/spawn.hpp"

namespace skerry::monitor {

class ProgramLink final : public urpc::Server<urpc::monitor::Protocol, ProgramHandler> {
  public:
    ProgramLink(Monitor& monitor, const urpc::ChannelLayout& layout, urpc::Poker& poker, urpc::FramePool& pool,
                ProgramHandler& handler);
    void on_finished() override;
    void on_violation() override;
    bool gone() const { return gone_; }  // closed, and no request is being served any more

  private:
    Monitor& monitor_;
    base::DomainId domain_;
    bool gone_ = false;
};

struct Program {
    static constexpr uint64_t memory_bytes = 64 * 1024;  // of this object and the frames of its requests
    static constexpr uint64_t ring_bytes = 4096;
    static constexpr size_t frame_bytes = 2560;

    Program(Monitor& monitor, base::DomainId id, std::span<std::byte> pool_memory, const urpc::ChannelLayout& layout,
            runtime::SpawnedDomain spawned);

    runtime::SpawnedDomain domain;
    Owned deliver;  // sends to it, badged as its monitor
    urpc::FramePool pool;
    ProgramHandler handler;
    NotifyPoker poker;
    ProgramLink link;
    SpanPart span;
    runtime::Object ring, memory;
    uint64_t ring_address = 0, memory_address = 0;  // in the monitor's space
};

}  // namespace skerry::monitor
