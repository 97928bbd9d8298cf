// A tree as rules give it: a row an edge, in any order, over cores. It may come from anybody, so all of it is looked at before
// it is a plan, and what is wrong with it is said in words.
#pragma once

#include "platforms/base/format.hpp"
#include "urpc/group/tree.hpp"

namespace skerry::urpc::group {

struct TreeRow {
    uint32_t parent, child, turn;  // cores; a parent sends to the child with the least turn first
};

// The rows' tree over a group's members, each of whom is on a core of its own; of one turn the lower member comes first. Rings lie
// at the child. Errors: corrupt (it is not a tree over these cores, or wider than `most_children`), with the reason.
Result<Plan> plan_of(std::span<const TreeRow> rows, std::span<const base::CoreId> members, Member root,
                     uint32_t most_children, base::Text& reason);

}  // namespace skerry::urpc::group
