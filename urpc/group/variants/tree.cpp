// For large groups: packages hang under packages and members under members of their package, as heaps of bounded
// fan-out, so that no member has more than twice that many children however large the machine is. The nearest are sent to
// first, since their answers, which are taken in that order, come first. What to do where nobody has asked the knowledge base,
// whose tree is made for the machine's own prices (skb/rules/logp.pl).
#include <algorithm>

#include "urpc/group/variant.hpp"

namespace skerry::urpc::group {

namespace {

constexpr uint32_t fan_out = 8;

// Hangs `below` under `top` as a heap: the first fan_out under the top, the next under the first of those, ...
void hang(Plan& plan, Member top, const Heads& below, bool at_child) {
    for (uint32_t i = 0; i < below.size(); ++i) {
        Member parent = i < fan_out ? top : below[i / fan_out - 1];
        Member at = at_child ? below[i] : parent;
        add_edge(plan, below[i], parent, at, at);
    }
}

}  // namespace

Result<Plan> tree(const Topology& topology) {
    Plan plan = SKERRY_TRY(empty_plan(topology, Means::line));
    Heads heads = other_heads(topology);
    std::sort(heads.begin(), heads.end(), [&](Member one, Member other) {
        uint32_t here = topology.distance_to(one), there = topology.distance_to(other);
        return here != there ? here < there : one < other;
    });
    hang(plan, plan.root, heads, true);
    hang(plan, plan.root, followers(topology, plan.root), false);
    for (Member head : heads) hang(plan, head, followers(topology, head), false);
    return plan;
}

}  // namespace skerry::urpc::group
