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

// This core's caches; the others are taken to have the same.
void write_caches(const urpc::MachineInfo& info, base::Text& facts, size_t room) {
    platform::CpuCache cache;
    for (uint32_t index = 0; platform::cpu_cache(index, cache); index++) {
        for (uint32_t core = 0; core < info.core_count; core++) {
            uint32_t first = core;
            for (uint32_t other = core; other-- != 0;) {
                bool together =
                    info.core[other].hardware_id >> cache.shift == info.core[core].hardware_id >> cache.shift;
                if (together) first = other;
            }
            Line line;
            line << "cache(" << core << ", " << cache.level << ", " << cache.bytes << ", " << cache.line << ", "
                 << first << ").\n";
            if (!add(facts, line, room)) return;
        }
    }
}

}  // namespace

void write_facts(const firmware::Topology& machine, const urpc::MachineInfo& info, size_t room, base::Text& facts) {
    if (platform::emulated()) facts << "emulated.\n";
    write_prices("node_latency", machine.latency_ns, machine.node_count(), facts, room);
    write_prices("node_bandwidth", machine.bandwidth_mib, machine.node_count(), facts, room);
    write_caches(info, facts, room);
}

}  // namespace skerry::init
