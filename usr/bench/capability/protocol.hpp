// What the benchmark says to the program on another core that holds what it is given.
#pragma once

#include "urpc/protocol.hpp"

namespace skerry::bench::capability {

struct Held {};
struct Hold {  // keeps it, until Drop or a revoke
    using Response = Held;
    urpc::Capability memory;
};
struct Made {};
struct Make {  // so many objects of piece_bytes, side by side from number `first` on, made of what is held
    using Response = Made;
    uint32_t first, count;
};
struct Dropped {};
struct Drop {  // all that was made, and what is held
    using Response = Dropped;
};
struct Ended {};
struct End {  // of that program, once it has answered
    using Response = Ended;
};
using Protocol = urpc::Protocol<Hold, Held, Make, Made, Drop, Dropped, End, Ended>;

constexpr uint64_t piece_bytes = 1024;  // the least that RAM comes in

}  // namespace skerry::bench::capability
