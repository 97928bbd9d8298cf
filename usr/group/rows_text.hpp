// Rows of a tree as the knowledge base writes them: each value ended by a tab, each row by a line feed.
#pragma once

#include <string_view>

#include "urpc/group/rows.hpp"

namespace skerry::usr::group {

using TreeRows = base::Bounded<urpc::group::TreeRow, urpc::group::most_members>;

// Adds those in `text`. Errors: corrupt (not three whole numbers in each row, each below 2^32), full (more than any group has
// members).
base::Status add_rows(std::string_view text, TreeRows& rows);

}  // namespace skerry::usr::group
