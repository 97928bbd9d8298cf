#include "urpc/group/variant.hpp"

namespace skerry::urpc::group {

const Variant* find_variant(std::string_view name) {
    for (const Variant& variant : variants()) {
        if (variant.name == name) return &variant;
    }
    return nullptr;
}

Result<Plan> empty_plan(const Topology& topology, Means means) {
    size_t members = topology.members.size();
    if (members == 0 || members > most_members || topology.root.value >= members) return Error::out_of_range;
    Plan plan;
    plan.members = static_cast<uint32_t>(members);
    plan.root = topology.root;
    plan.means = means;
    return plan;
}

Heads other_heads(const Topology& topology) {
    Heads heads;
    base::PackageId own = topology.place(topology.root).package;
    for (uint16_t i = 0; i < topology.members.size(); ++i) {
        base::PackageId package = topology.members[i].package;
        bool known = package == own;
        for (Member head : heads) known |= topology.place(head).package == package;
        bool added = known || heads.add(Member{i});
        SKERRY_ASSERT(added);
    }
    return heads;
}

Heads followers(const Topology& topology, Member head) {
    Heads found;
    for (uint16_t i = 0; i < topology.members.size(); ++i) {
        if (Member{i} == head || topology.members[i].package != topology.place(head).package) continue;
        bool added = found.add(Member{i});
        SKERRY_ASSERT(added);
    }
    return found;
}

void add_edge(Plan& plan, Member member, Member parent, Member down_at, Member up_at) {
    bool added = plan.edges.add({member, parent, down_at, up_at});
    SKERRY_ASSERT(added);
}

}  // namespace skerry::urpc::group
