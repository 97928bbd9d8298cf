// What the monitors know of the machine, told as facts (skb/facts.pl).
#pragma once

#include "skb/skb.hpp"
#include "usr/console/monitor_link.hpp"

namespace skerry::skb {

// core, running, package, node, apic, node_distance, memory, free, cache; and what init has lent us: node_latency,
// node_bandwidth, emulated. Waits until no core is starting any more, 10 s at the
// most. Errors: those of the monitor's answers; no_memory.
Status tell_machine(KnowledgeBase& base, usr::console::MonitorLink& monitor);

}  // namespace skerry::skb
