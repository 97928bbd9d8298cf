// The tree of a program's group, from the knowledge base's rules (group_tree/5 in skb/rules/groups.pl).
//
//   Wanted wanted{.name = "shootdown", .members = cores, .root = Member{0}};
//   Reason about;
//   Plan plan = SKERRY_TRY(choose_tree(session, wanted, topology, *urpc::group::find_variant("tree"), about));
//
// The rules are not trusted: what they say is a tree over exactly these members, or it is not used. Nor is anybody waited for
// longer than the patience: without an answer the group has the tree that it would have had anyhow.
#pragma once

#include "urpc/group/rows.hpp"
#include "urpc/group/variant.hpp"
#include "urpc/protocols/knowledge.hpp"
#include "usr/console/bound.hpp"

namespace skerry::usr::group {

// Why the rules' tree is not used; empty: it is.
using Reason = base::Buffer<160>;

struct Wanted {
    // What rules may know the group by: small letters, digits and _, a letter first.
    std::string_view name;
    std::span<const base::CoreId> members;  // each on a core of its own; 1..most_members
    urpc::group::Member root;
    uint32_t most_children = urpc::group::most_members;
    // ns, for all answers. A bind to a knowledge base that is at somebody else's question may take the monitor's ten seconds more.
    uint64_t patience = 1'000'000'000;
};

// Of the rules, or what `otherwise` makes of the topology, whose members are these. Errors: those of the variant's plan.
base::Result<urpc::group::Plan> choose_tree(console::Session& session, const Wanted& wanted,
                                            const urpc::group::Topology& topology,
                                            const urpc::group::Variant& otherwise, Reason& about);

}  // namespace skerry::usr::group
