#include "monitor/decisions.hpp"

namespace skerry::monitor {

urpc::intermonitor::TreeBytes order_tree_of(const group::Plan& plan, std::span<const base::CoreId> members) {
    urpc::intermonitor::TreeBytes tree;
    std::array<uint32_t, group::most_members> below{};
    for (uint32_t i = plan.edges.size(); i-- != 0;) {
        const group::Edge& edge = plan.edges[i];
        bool rises = members[edge.parent.value] < members[edge.member.value];
        if (edge.parent != plan.root && !rises) return {};
        below[edge.parent.value] += below[edge.member.value] + 1;
    }
    SKERRY_ASSERT(2 * plan.edges.size() <= tree.capacity);
    // Each core's place: behind what comes before it below its parent. A parent has its place before its children.
    std::array<uint32_t, group::most_members> next{};  // where what is below a core goes on
    for (const group::Edge& edge : plan.edges) {
        uint32_t at = next[edge.parent.value];
        next[edge.parent.value] += 1 + below[edge.member.value];
        next[edge.member.value] = at + 1;
        tree.data[2 * at] = static_cast<uint8_t>(members[edge.member.value].value);
        tree.data[2 * at + 1] = static_cast<uint8_t>(below[edge.member.value]);
    }
    tree.length = 2 * plan.edges.size();
    return tree;
}

}  // namespace skerry::monitor
