// What the leader says to its partners. While two of them measure they speak by lines alone (exchange.hpp).
//
//   Lend         a page of the partner's own, at its node: others write there what it reads
//   Take(page)   into which the partner writes from now on
//   Work(part)   what it is to do as soon as this is answered
//   Report       how that went
#pragma once

#include "urpc/protocol.hpp"
#include "usr/prices/price.hpp"

namespace skerry::usr::prices {

using base::Error;
using base::Result;
using base::Status;

enum class Part : uint32_t { none, answer, measure };

struct Lent {
    urpc::Capability page;
};
struct Lend {  // Errors: no_memory
    using Response = Lent;
};
struct Taken {};
struct Take {  // in place of the one before it. Errors: no_capability, no_memory
    using Response = Taken;
    urpc::Capability page;
};
struct Begun {};
struct Work {  // Errors: not_found (it lacks one of two pages)
    using Response = Begun;
    Part part;
    uint64_t time;  // ns; what is measured for longer has few rounds
};
struct Outcome {
    Error error;
    Price price;  // of who has measured
};
struct Report {
    using Response = Outcome;
};

using Protocol = urpc::Protocol<Lend, Lent, Take, Taken, Work, Begun, Report, Outcome>;

}  // namespace skerry::usr::prices
