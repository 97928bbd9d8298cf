#include "urpc/group/tree.hpp"

namespace skerry::urpc::group {

Result<Tree> Tree::from(const Plan& plan) {
    if (plan.members == 0 || plan.members > most_members || plan.root.value >= plan.members) return Error::out_of_range;
    if (plan.means >= Means::count_) return Error::out_of_range;
    if (plan.edges.size() != plan.members - 1) return Error::corrupt;
    Tree tree;
    tree.size_ = plan.members;
    tree.root_ = plan.root;
    tree.parent_[plan.root.value] = plan.root;
    std::array<bool, most_members> known{};
    std::array<uint32_t, most_members> level{};
    known[plan.root.value] = true;
    for (const Edge& edge : plan.edges) {
        for (Member named : {edge.member, edge.parent, edge.down_at, edge.up_at}) {
            if (named.value >= plan.members) return Error::out_of_range;
        }
        if (known[edge.member.value] || !known[edge.parent.value]) return Error::corrupt;
        known[edge.member.value] = true;
        level[edge.member.value] = level[edge.parent.value] + 1;
        tree.depth_ = tree.depth_ > level[edge.member.value] ? tree.depth_ : level[edge.member.value];
        tree.parent_[edge.member.value] = edge.parent;
        ++tree.first_[edge.parent.value + 1];  // a count, for now
    }
    // One edge a member but the root, and none twice: all are there.
    for (uint32_t i = 0; i < tree.size_; ++i) tree.first_[i + 1] = tree.first_[i + 1] + tree.first_[i];
    std::array<uint16_t, most_members> next{};
    for (uint32_t i = 0; i < tree.size_; ++i) next[i] = tree.first_[i];
    for (const Edge& edge : plan.edges) tree.children_[next[edge.parent.value]++] = edge.member;
    return tree;
}

}  // namespace skerry::urpc::group
