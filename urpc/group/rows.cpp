#include "urpc/group/rows.hpp"

#include <algorithm>

namespace skerry::urpc::group {

namespace {

constexpr uint32_t nobody = ~uint32_t{0};

uint32_t member_of(std::span<const base::CoreId> members, uint32_t core) {
    for (uint32_t i = 0; i < members.size(); ++i) {
        if (members[i].value == core) return i;
    }
    return nobody;
}

// Every member but the root has one parent, and nobody else is named.
bool complete(std::span<const TreeRow> rows, std::span<const base::CoreId> members, Member root, base::Text& reason) {
    std::array<uint32_t, most_members> parents{};
    for (const TreeRow& row : rows) {
        uint32_t child = member_of(members, row.child);
        uint32_t stranger = child == nobody ? row.child : row.parent;
        if (child == nobody || member_of(members, row.parent) == nobody) {
            reason << "the rules' tree names core " << stranger << ", which does not take part";
            return false;
        }
        if (child == root.value || ++parents[child] > 1) {
            reason << "the rules' tree has core " << row.child << (child == root.value ? ", the root," : " twice")
                   << (child == root.value ? " below another one" : "");
            return false;
        }
    }
    for (uint32_t i = 0; i < members.size(); ++i) {
        if (i == root.value || parents[i] != 0) continue;
        reason << "the rules' tree lacks core " << members[i];
        return false;
    }
    return true;
}

// The rows of one parent, in sending order, behind those that are there. False: too many.
bool add_children(Plan& plan, std::span<const TreeRow> rows, std::span<const base::CoreId> members, Member parent,
                  uint32_t most) {
    uint32_t first = plan.edges.size();
    uint32_t core = members[parent.value].value, count = 0;
    std::array<uint32_t, most_members> turn{};
    for (const TreeRow& row : rows) {
        if (row.parent != core) continue;
        if (++count > most) return false;
        Member child{static_cast<uint16_t>(member_of(members, row.child))};
        turn[child.value] = row.turn;
        bool added = plan.edges.add({child, parent, child, child});
        SKERRY_ASSERT(added);  // no more rows than members
    }
    std::sort(plan.edges.begin() + first, plan.edges.end(), [&](const Edge& one, const Edge& other) {
        uint32_t here = turn[one.member.value], there = turn[other.member.value];
        return here != there ? here < there : one.member < other.member;
    });
    return true;
}

}  // namespace

Result<Plan> plan_of(std::span<const TreeRow> rows, std::span<const base::CoreId> members, Member root,
                     uint32_t most_children, base::Text& reason) {
    SKERRY_ASSERT(root.value < members.size() && members.size() <= most_members);
    if (rows.empty() && members.size() > 1) {
        reason << "the rules give no tree";
        return Error::corrupt;
    }
    if (!complete(rows, members, root, reason)) return Error::corrupt;
    Plan plan;
    plan.members = static_cast<uint32_t>(members.size());
    plan.root = root;
    Member at = root;
    for (uint32_t next = 0;; at = plan.edges[next++].member) {
        if (!add_children(plan, rows, members, at, most_children)) {
            reason << "in the rules' tree core " << members[at.value] << " has more than " << most_children
                   << " children";
            return Error::corrupt;
        }
        if (next == plan.edges.size()) break;
    }
    if (plan.edges.size() + 1 == plan.members) return plan;
    reason << "the rules' tree has a cycle";
    return Error::corrupt;
}

}  // namespace skerry::urpc::group
