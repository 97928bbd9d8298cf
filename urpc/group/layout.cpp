#include "urpc/group/layout.hpp"

namespace skerry::urpc::group {

Layout::Layout(const Plan& plan, const Tree& tree, uint32_t window) {
    std::array<const Edge*, most_members> first{};  // of each parent's children
    for (const Edge& edge : plan.edges) {
        const Edge*& eldest = first[edge.parent.value];
        bool shares = plan.means == Means::shared_line && eldest != nullptr;
        if (eldest == nullptr) eldest = &edge;
        up_[edge.member.value] = take(edge.up_at, window);
        down_[edge.member.value] = shares ? down_[eldest->member.value] : take(edge.down_at, window);
    }
    SKERRY_ASSERT(plan.edges.size() + 1 == tree.size());
}

RingPlace Layout::take(Member at, uint32_t window) {
    RingPlace place{at, bytes_[at.value]};
    bytes_[at.value] += static_cast<uint32_t>(ring_bytes(window));
    return place;
}

bool Layout::uses(const Tree& tree, Member member, Member lender) const {
    auto lies_there = [&](Member child) { return down(child).at == lender || up(child).at == lender; };
    if (member != tree.root() && lies_there(member)) return true;
    for (Member child : tree.children(member)) {
        if (lies_there(child)) return true;
    }
    return false;
}

}  // namespace skerry::urpc::group
