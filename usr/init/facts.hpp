// What only init can know of the machine, as facts for the knowledge base (skb/facts.pl): caches, HMAT.
#pragma once

#include "platforms/base/format.hpp"
#include "platforms/firmware/topology.hpp"
#include "urpc/protocols/machine_info.hpp"

namespace skerry::init {

// Prolog's syntax, a fact a line; as many whole lines as fit into `room` bytes, which `facts` has.
void write_facts(const firmware::Topology& machine, const urpc::MachineInfo& info, size_t room, base::Text& facts);

}  // namespace skerry::init
