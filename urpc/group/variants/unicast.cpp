// A private line a member, written in turn; answers are polled in turn. The flat default: needs no topology.
#include "urpc/group/variant.hpp"

namespace skerry::urpc::group {

Result<Plan> unicast(const Topology& topology) {
    Plan plan = SKERRY_TRY(empty_plan(topology, Means::line));
    for (uint16_t i = 0; i < plan.members; ++i) {
        if (Member{i} != plan.root) add_edge(plan, Member{i}, plan.root, plan.root, plan.root);
    }
    return plan;
}

}  // namespace skerry::urpc::group
