// How a tree is made for a machine: variants, one file each in variants/, named in one line there (meson.build).
// They know packages, nodes and distances as data; where these are not known, all is one package and one node, and
// every variant still works.
#pragma once

#include <string_view>

#include "urpc/group/tree.hpp"

namespace skerry::urpc::group {

struct Place {
    base::PackageId package;
    base::NodeId node;
};

struct Topology {
    std::span<const Place> members;     // 1..most_members
    Member root;                        // who initiates
    std::span<const uint8_t> distance;  // [from * nodes + to], in any unit; empty = not known
    uint32_t nodes = 0;

    const Place& place(Member member) const { return members[member.value]; }
    // From the root to a member; equal for all if not known.
    uint32_t distance_to(Member member) const {
        uint32_t from = place(root).node.value, to = place(member).node.value;
        if (from >= nodes || to >= nodes || uint64_t{nodes} * nodes > distance.size()) return 0;
        return distance[from * nodes + to];
    }
};

struct Variant {
    std::string_view name;
    // Errors: out_of_range (no members, too many, no such root).
    Result<Plan> (*plan)(const Topology& topology);
};

std::span<const Variant> variants();
// Null: there is no such variant.
const Variant* find_variant(std::string_view name);

// The tools of the variants.
Result<Plan> empty_plan(const Topology& topology, Means means);
// The first member of each package, the root for its own; in member order, the root's left out.
using Heads = base::Bounded<Member, most_members>;
Heads other_heads(const Topology& topology);
// The members of the head's package but itself, in member order.
Heads followers(const Topology& topology, Member head);
void add_edge(Plan& plan, Member member, Member parent, Member down_at, Member up_at);

}  // namespace skerry::urpc::group
