// What only init can know of the machine, as facts for the knowledge base (skb/facts.pl): HMAT, whether it is emulated.
#pragma once

#include "platforms/base/format.hpp"
#include "platforms/firmware/topology.hpp"

namespace skerry::init {

// Prolog's syntax, a fact a line; as many whole lines as fit into `room` bytes, which `facts` has.
void write_facts(const firmware::Topology& machine, size_t room, base::Text& facts);

}  // namespace skerry::init
