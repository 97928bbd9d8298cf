// This program's trace ring (capabilities/interface/trace.hpp): the messages that it sends to other cores and receives
// from them. Always on; no system call.
#pragma once

#include <algorithm>
#include <string_view>

#include "capabilities/interface/trace.hpp"
#include "platform/user/context.hpp"
#include "platforms/base/ids.hpp"
#include "urpc/message_trace.hpp"

namespace skerry::runtime {

class Trace final : public urpc::MessageTrace {
  public:
    void start(base::CoreId core, base::DomainId domain, std::string_view name) {
        std::copy_n(name.data(), std::min(name.size(), capabilities::trace_name_bytes), ring_.header.name);
        ring_.start(core.value, domain.value);
    }
    // Of a monitor: how far off its core's clock may be, ns.
    void set_clock_error(uint64_t ns) { ring_.header.clock_error = ns; }

    uint32_t name_ring() override {
        ++rings_;
        return capabilities::trace_ring_id(ring_.header.core, ring_.header.domain, rings_);
    }
    void sent(uint32_t ring, uint64_t line, uint16_t id) override {
        add(capabilities::TraceKind::urpc_send, ring, line, id);
    }
    void received(uint32_t ring, uint64_t line, uint16_t id) override {
        add(capabilities::TraceKind::urpc_receive, ring, line, id);
    }
    // Key of the newest message if that was sent, else 0: what a poke right after it is for.
    uint64_t last_sent() const {
        if (ring_.end() == 0) return 0;
        const capabilities::TraceEvent& newest = ring_.event(ring_.end() - 1);
        bool sent = newest.kind() == static_cast<uint64_t>(capabilities::TraceKind::urpc_send);
        return sent ? newest.argument : 0;
    }

  private:
    // An upcall that interrupts this and notes something of its own may cost one event, no more.
    void add(capabilities::TraceKind kind, uint32_t ring, uint64_t line, uint16_t id) {
        ring_.add(platform::read_cycle_counter(), kind, capabilities::message_key(id, line, ring));
    }

    capabilities::TraceRing<1024> ring_;
    uint32_t rings_ = 0;
};

}  // namespace skerry::runtime
