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

// Across cores, by URPC.
struct Pong {
    uint64_t value;
};
struct Ping {
    using Response = Pong;
    uint64_t value;
};
using PingProtocol = urpc::Protocol<Ping, Pong>;
constexpr std::string_view ping_service = "bench_message";

}  // namespace skerry::bench
