// What the measured domains say to each other.
#pragma once

#include "urpc/protocol.hpp"

namespace skerry::bench {

// Same core, by LRPC: word 2 is a Command, the answer's words are when the message arrived, when it was sent
// (low halves of the cycle counter count), and whether a vector register was not clean at its arrival.
enum class Command : uint64_t {
    time_entry = 1'000'000,  // from now on the time is taken by the upcall's first instruction
    time_handler,            // from now on by the first line of the C++ handler
    // anything smaller: a measured message
};

// By URPC: how a side passes the time while nothing is there for it.
enum class Waiting : uint64_t {
    pause,  // two cores
    yield,  // one core: gives it to the other side
    count_
};
struct Pong {
    uint64_t value;
};
struct Ping {
    using Response = Pong;
    uint64_t value;
};
// The next `lines` lines on the bare rings come back as they are; answered before the first is awaited.
struct Ready {};
struct Echo {
    using Response = Ready;
    uint64_t lines;
    Waiting waiting;
};
// From now on the server polls that long before it blocks.
struct PollFor {
    using Response = Ready;
    uint64_t ns;
};
using PingProtocol = urpc::Protocol<Ping, Pong, Echo, PollFor, Ready>;

// The frame of a bind: the typed channel in its first half, the bare rings in its second. Each ring has more than 64
// lines.
constexpr uint64_t frame_bytes = 32768;
constexpr uint32_t most_in_flight = 64;

}  // namespace skerry::bench
