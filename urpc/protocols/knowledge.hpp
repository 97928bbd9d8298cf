// What programs ask of the knowledge base (skb), by the name `skb`.
//
//   client                         service
//     | --Ask(goals)-------------->  |     how many rows there are, and their columns' names
//     | <-----------------Found----- |
//     | --Next(question, 0)------->  |     the rows as text, as many as fit; the next call goes on
//     | <------------------Rows----- |
//
// A question's rows are kept for a while: until so many other questions have been asked.
#pragma once

#include "urpc/protocol.hpp"

namespace skerry::urpc::knowledge {

struct Found {
    uint64_t question;  // names it in Next
    base::Error error;  // none, or why there are no rows; then the text says what was expected where
    uint32_t columns;
    uint32_t rows;
    String<320> text;  // the columns' names, each ended by a tab
};
// Errors: again (the machine's facts are not collected yet).
struct Ask {
    using Response = Found;
    String<480> goals;  // Prolog's syntax, see skb/README.md
};
struct Rows {
    uint32_t next;     // the first row that is not in the text
    String<600> text;  // each value ended by a tab, each row by a line feed
};
// Errors: not_found (the question's rows are gone), out_of_range (no such row).
struct Next {
    using Response = Rows;
    uint64_t question;
    uint32_t row;
};

using Protocol = urpc::Protocol<Ask, Found, Next, Rows>;
static_assert(Protocol::max_lines <= 16);  // fits a ring of 4 KiB with both directions

}  // namespace skerry::urpc::knowledge
