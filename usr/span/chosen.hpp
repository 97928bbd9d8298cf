// Cores for a span whose program names none: those that the rules give (span_core/3 in skb/rules/placement.pl), in their order.
#pragma once

#include "usr/console/session.hpp"
#include "usr/span/span.hpp"

namespace skerry::usr::span {

// Adds so many members, or as many as there are cores for; -> how many there are then, with the leader. Where nobody answers,
// or the rules give no core at all: all cores that are online, in the order of their numbers. Errors: those of Span::add.
Result<uint32_t> add_chosen(Span& span, console::Session& session, uint32_t count);

}  // namespace skerry::usr::span
