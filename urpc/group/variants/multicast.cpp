// To the first member of each package, which passes it on within its package and merges the answers. The root
// serves its own package itself.
#include "urpc/group/variant.hpp"

namespace skerry::urpc::group {

Result<Plan> multicast(const Topology& topology) {
    Plan plan = SKERRY_TRY(empty_plan(topology, Means::line));
    Heads heads = other_heads(topology);
    for (Member head : heads) add_edge(plan, head, plan.root, plan.root, plan.root);
    for (Member own : followers(topology, plan.root)) add_edge(plan, own, plan.root, plan.root, plan.root);
    for (Member head : heads) {
        for (Member follower : followers(topology, head)) add_edge(plan, follower, head, plan.root, plan.root);
    }
    return plan;
}

}  // namespace skerry::urpc::group
