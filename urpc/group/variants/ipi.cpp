// No message: each member's CPU driver is interrupted in turn, invalidates, and writes an answer to a line that lies
// at the member's node; the answers are polled in turn.
#include "urpc/group/variant.hpp"

namespace skerry::urpc::group {

Result<Plan> ipi(const Topology& topology) {
    Plan plan = SKERRY_TRY(empty_plan(topology, Means::interrupt));
    for (uint16_t i = 0; i < plan.members; ++i) {
        if (Member{i} != plan.root) add_edge(plan, Member{i}, plan.root, Member{i}, Member{i});
    }
    return plan;
}

}  // namespace skerry::urpc::group
