// Where a core's kernel image and its own memory lie: as the rules say, each where that can be used; else at its own node.
#pragma once

#include <span>

#include "monitor/decisions.hpp"

namespace skerry::monitor {

// What the rules said. Errors: closed (there is nobody to ask), timed_out, not_found (they give none), full (more than one), and
// what they said else.
using NodeAnswer = base::Result<uint32_t>;
struct CoreWish {
    NodeAnswer image{base::Error::closed}, memory{base::Error::closed};
};

struct CorePlace {
    base::NodeId image, memory;
    bool by_rules = false;  // both
    Reason reason;          // why not
};

// `largest_free`: of each node, its largest free block in bytes.
void choose_place(base::NodeId home, const CoreWish& wish, std::span<const uint64_t> largest_free, CorePlace& place);

}  // namespace skerry::monitor
