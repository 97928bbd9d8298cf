// What `flush` and its partner on another core say to each other.
#pragma once

#include "urpc/protocol.hpp"

namespace skerry::usr::test::flush {

struct Line {
    urpc::Capability frame;
};
struct MakeLine {  // a frame with a FlushLine at its start
    using Response = Line;
};
struct Right {
    urpc::Capability flush;
};
struct GiveRight {  // the Flush capability of that line
    using Response = Right;
};
struct Spin {  // keeps the core from now on, until `stop` in the frame is not 0
    uint64_t unused;
};
struct Done {};
struct TakeBack {  // the Flush capability goes
    using Response = Done;
};
struct End {
    using Response = Done;
};

using Protocol = urpc::Protocol<Line, MakeLine, Right, GiveRight, Spin, Done, TakeBack, End>;

constexpr uint64_t frame_bytes = 4096;
constexpr uint64_t line_offset = 0, stop_offset = 128;  // in the frame

}  // namespace skerry::usr::test::flush
