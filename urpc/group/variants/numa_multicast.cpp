// The tree of multicast, with the rings at the aggregating member's node, and the farthest package sent to first,
// so that the longest way begins earliest.
#include <algorithm>

#include "urpc/group/variant.hpp"

namespace skerry::urpc::group {

Result<Plan> numa_multicast(const Topology& topology) {
    Plan plan = SKERRY_TRY(empty_plan(topology, Means::line));
    Heads heads = other_heads(topology);
    // Member order decides among equals: the same plan on every member, whoever makes it.
    std::sort(heads.begin(), heads.end(), [&](Member one, Member other) {
        uint32_t here = topology.distance_to(one), there = topology.distance_to(other);
        return here != there ? here > there : one < other;
    });
    for (Member head : heads) add_edge(plan, head, plan.root, head, head);
    for (Member own : followers(topology, plan.root)) add_edge(plan, own, plan.root, plan.root, plan.root);
    for (Member head : heads) {
        for (Member follower : followers(topology, head)) add_edge(plan, follower, head, head, head);
    }
    return plan;
}

}  // namespace skerry::urpc::group
