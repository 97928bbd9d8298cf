// What programs say to the console service, which owns the serial line, and what it says to them.
//
//   program --Output, Flush, Drain--------> console      text; \n becomes \r\n on the wire
//   program --TakeFocus, Lend, LeaveFocus-> console      who gets what is typed
//   program <-Input------------------------ console
//
// Fairness: one message a channel and round. Back pressure: a program whose ring is full waits, nobody else
// does.
#pragma once

#include "urpc/protocol.hpp"

namespace skerry::urpc::console {

constexpr std::string_view service_name = "console";
constexpr size_t output_bytes = 400;
constexpr size_t input_bytes = 48;

struct Output {
    Bytes<output_bytes> bytes;
};

// Answered when everything that this channel sent before is on the wire. A program that ends in order flushes
// first.
struct Flushed {};
struct Flush {
    using Response = Flushed;
};

// The same for all that another domain had sent when this came, whether or not it still lives: asked before
// the death of a program is reported, so that its last words come first. Only for the owner of the focus:
// refused.
struct Drained {};
struct Drain {
    using Response = Drained;
    base::DomainId domain;
};

// The keyboard has one owner (the first who takes it: the shell) and one holder (the owner, or to whom it
// lent). Errors: busy (somebody owns it).
struct FocusTaken {};
struct TakeFocus {
    using Response = FocusTaken;
};
// From the owner: input goes to that domain until it leaves the focus, dies, or Ctrl-C is typed; Ctrl-C
// always goes to the owner. Errors: refused (not the owner), not_found (no channel of that domain).
struct Lent {};
struct Lend {
    using Response = Lent;
    base::DomainId domain;
};
// The owner gives up ownership, a borrower what was lent. Without focus: no effect.
struct LeaveFocus {};

struct Input {
    Bytes<input_bytes> bytes;
};

using Protocol =
    urpc::Protocol<Output, Flush, Flushed, Drain, Drained, TakeFocus, FocusTaken, Lend, Lent, LeaveFocus, Input>;
static_assert(Protocol::max_lines <= 16);  // fits a ring of 4 KiB with both directions

}  // namespace skerry::urpc::console
