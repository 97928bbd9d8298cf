#include "usr/init/facts.hpp"

#include "platform/user/cpu_topology.hpp"

namespace skerry::init {

namespace {

using Line = base::Buffer<120>;

// False: no room; what follows is left out as well.
bool add(base::Text& facts, const Line& line, size_t room) {
    if (facts.size() + line.size() > room) return false;
    facts << line.view();
    return true;
}

void write_prices(const char* name,
                  const uint32_t (&price)[firmware::Topology::nodes_maximum][firmware::Topology::nodes_maximum],
                  uint32_t nodes, base::Text& facts, size_t room) {
    for (uint32_t from = 0; from < nodes; from++) {
        for (uint32_t to = 0; to < nodes; to++) {
            if (price[from][to] == 0) continue;
            Line line;
            line << name << '(' << from << ", " << to << ", " << price[from][to] << ").\n";
            if (!add(facts, line, room)) return;
        }
    }
}

}  // namespace

void write_facts(const firmware::Topology& machine, size_t room, base::Text& facts) {
    if (platform::emulated()) facts << "emulated.\n";
    write_prices("node_latency", machine.latency_ns, machine.node_count(), facts, room);
    write_prices("node_bandwidth", machine.bandwidth_mib, machine.node_count(), facts, room);
}

}  // namespace skerry::init
