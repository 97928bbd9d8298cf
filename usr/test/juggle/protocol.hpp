// What `juggle` and its hands say to each other. A hand is the same program on another core: it has places, capability
// slots, and windows, pages of its address space, and does to them what it is told.
#pragma once

#include "urpc/protocol.hpp"

namespace skerry::usr::test::juggle {

constexpr uint32_t places = 6, windows = 2, hands_maximum = 8;
constexpr uint32_t block_place = places;  // the RAM that the hand got of its memory service
// A slot of the root CNode: a CNode that lies there has places of its own, which are no more when it goes.
constexpr uint32_t tree_place = places + 1, first_inner = places + 2, inner_places = 3;
constexpr uint32_t all_places = first_inner + inner_places;
constexpr uint64_t block_bytes = 64 * 1024;

enum class Kind : uint32_t { copy, mint, move, remove, retype, revoke, map, unmap, give, renew, count_ };

struct Operation {
    Kind kind;
    uint32_t hand;      // who does it
    uint32_t from, to;  // places; of map and unmap `to` is a window
    uint32_t rights;    // mint, give: at most these; map: map_flags
    uint32_t type;      // retype: capabilities::Type
    uint64_t offset, size;
    uint32_t receiver;  // give: that hand's place `to`
    uint64_t begin;     // 0, or a time, ns: not before, and it is answered `answer_after` later
};
constexpr uint64_t answer_after = 1'000'000'000;  // ns
struct Done {
    base::Error error;
    uint64_t base;  // renew: of the new block
};
struct Do {
    using Response = Done;
    Operation operation;
};
// Something came, and was taken away before the receiver looked: a revoke or the like beside it.
constexpr base::Error came_and_went = base::Error::not_found;
struct Kept {
    base::Error error;
};
struct Keep {
    using Response = Kept;
    urpc::Capability capability;
    uint32_t place;
};
struct Place {
    uint32_t type;  // 0: empty
    uint32_t rights;
    uint64_t base, size;
};
struct Looked {
    std::array<Place, all_places> place;
    std::array<bool, windows> mapped;
    bool met;
};
struct Look {
    using Response = Looked;
};
struct Meet {  // the other hands; Looked::met tells when
    uint32_t hands;
};
struct Ended {};
struct End {
    using Response = Ended;
};
using Protocol = urpc::Protocol<Do, Done, Keep, Kept, Look, Looked, Meet, End, Ended>;

}  // namespace skerry::usr::test::juggle
