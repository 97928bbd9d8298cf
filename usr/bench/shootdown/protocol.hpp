// What the initiator and the other members say before and after a measurement. During one they speak by lines alone.
//
//   Lend          memory of the member's own, at its node      --> its frame, as a capability
//   Take(frame)   maps what another lends
//   Start(plan)   the member takes its place and serves operations, until one says that it was the last
//   Share(page)   or it shows a page of the root's, and takes it out of its space again, operation by operation
//   Rest          or it leaves the answers to its driver, which is interrupted
//   Count         how that went
//   End           that was all
#pragma once

#include "urpc/group/tree.hpp"
#include "urpc/urpc.hpp"

namespace skerry::bench::shootdown {

using base::Error;
using base::Result;
using base::Status;
namespace group = urpc::group;
using group::Member;

constexpr uint32_t most_members = 64;
constexpr uint32_t window = 4;  // operations; one is under way when latency is measured

// Word 0 of an operation.
enum class Order : uint64_t { shoot, leave, show, unmap };

struct Lent {
    urpc::Capability frame;
};
struct Lend {  // Errors: no_memory
    using Response = Lent;
    uint64_t bytes;
};
struct Taken {};
struct Take {
    using Response = Taken;
    urpc::Capability frame;
    uint64_t bytes;
    Member lender;
};
struct Share {
    using Response = Taken;
    urpc::Capability page;
};
struct Started {};
struct Start {  // Errors: those of Tree::from and group::fill
    using Response = Started;
    Member self, root;
    uint32_t members;
    group::Means means;
    std::array<uint64_t, most_members - 1> edges;  // Edge::word
    bool comes_again;                              // the root leaves now: part with it before the group begins
};
struct FlushOffered {
    urpc::Capability flush;
    uint64_t address;  // of a page that the member has in use
};
struct OfferFlush {  // lent memory is the member's Interrupted
    using Response = FlushOffered;
};
struct Rest {  // until its root says so there, it is only interrupted
    using Response = Started;
    bool comes_again;  // as in Start
};
struct Ended {};
struct End {  // the member's program, once it has answered
    using Response = Ended;
};
struct Counted {
    Error error;  // none: it was told to leave, and did
    Member culprit;
    uint64_t operations;
    uint64_t lines;                               // written, in all
    std::array<uint32_t, most_members> lines_to;  // of those, to each member; a shared line counts for each
};
struct Count {
    using Response = Counted;
};

using Protocol = urpc::Protocol<Lend, Lent, Take, Taken, Share, Start, Started, OfferFlush, FlushOffered, Rest, Count,
                                Counted, End, Ended>;
static_assert(Protocol::max_lines <= 16);  // fits the frame of a bind

inline Start start_of(const group::Plan& plan, Member self, bool comes_again) {
    Start start{self, plan.root, plan.members, plan.means, {}, comes_again};
    for (uint32_t i = 0; i < plan.edges.size(); ++i) start.edges[i] = plan.edges[i].word();
    return start;
}
// Not yet known to be a tree. Errors: out_of_range.
inline Result<group::Plan> plan_of(const Start& start) {
    if (start.members == 0 || start.members > most_members || start.self.value >= start.members) {
        return Error::out_of_range;
    }
    group::Plan plan;
    plan.members = start.members;
    plan.root = start.root;
    plan.means = start.means;
    for (uint32_t i = 0; i + 1 < start.members; ++i) {
        bool added = plan.edges.add(group::Edge::from_word(start.edges[i]));
        SKERRY_ASSERT(added);
    }
    return plan;
}

}  // namespace skerry::bench::shootdown
