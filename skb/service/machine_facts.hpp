// What the monitors know of the machine, told as facts (skb/facts.pl).
#pragma once

#include "skb/service/sharers.hpp"
#include "skb/skb.hpp"
#include "usr/console/monitor_link.hpp"

namespace skerry::skb {

// Errors: those of the monitor's answers; no_memory.
class MachineFacts {
  public:
    MachineFacts(KnowledgeBase& base, usr::console::MonitorLink& monitor) : base_(base), link_(monitor) {}

    // core, running, package, node, apic, node_distance, memory, free, cache; and what init has lent us: node_latency,
    // node_bandwidth, emulated. Waits until no core is starting any more, 10 s at the most.
    Status begin();
    // memory and cache of cores that have come online since; -> how many. (That they run, the monitor tells.)
    Result<uint32_t> look_again();

  private:
    Status tell_core(const urpc::monitor::CoreInfo& info);
    Status tell_memory(base::CoreId core);
    Status tell_caches(const urpc::monitor::CoreInfo& info);

    KnowledgeBase& base_;
    usr::console::MonitorLink& link_;
    Sharers sharers_;
    std::array<uint64_t, urpc::monitor::nodes_maximum> free_{};  // a node's: the sum over its cores
    std::array<bool, urpc::machine_cores_maximum> known_{};      // cores whose own facts have been told
    uint32_t cores_ = 0, unknown_ = 0;
};

}  // namespace skerry::skb
