// One line that every member polls; each answers on a line of its own.
#include "urpc/group/variant.hpp"

namespace skerry::urpc::group {

Result<Plan> broadcast(const Topology& topology) {
    Plan plan = SKERRY_TRY(empty_plan(topology, Means::shared_line));
    for (uint16_t i = 0; i < plan.members; ++i) {
        if (Member{i} != plan.root) add_edge(plan, Member{i}, plan.root, plan.root, plan.root);
    }
    return plan;
}

}  // namespace skerry::urpc::group
