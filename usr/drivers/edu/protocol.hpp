// What the service `edu` is asked, and what it and the program that drives the device say to each other. The driver's core is
// chosen anew while the device works: so the service keeps the jobs, and a driver only carries them out.
//
//   program --Compute(n)--> service <--Fetch---------- driver on core 2
//                              | ------Order(compute)-->  |  writes to the device, waits for its message
//                              | <-----Done(value)-----   |
//                              | ------Order(leave)---->  |  (to the Fetch that waits)  silences the device
//                              | <-----Left------------   |
//                              |        <--Fetch----------- driver on core 3, looks at what was going on
#pragma once

#include "urpc/protocol.hpp"

namespace skerry::usr::edu {

constexpr std::string_view service_name = "edu";
constexpr uint32_t largest = 12;  // whose factorial fits 32 bits

// --- for every program ---
struct Computed {
    uint32_t value;
    base::CoreId core;  // that took the interrupt
};
// Errors: out_of_range (n), full (too many at once), not_found (there is no such device), and why there is no driver.
struct Compute {
    using Response = Computed;
    uint32_t n;
};
struct Told {
    base::CoreId core;     // of the driver now
    uint32_t moves;        // drivers that gave way to one on another core
    uint64_t asked;        // computations that were begun
    uint64_t interrupted;  // that ended by an interrupt here
    uint64_t found;        // that a new driver found ended: the interrupt was the old one's, who had not looked yet
    uint64_t lost;         // that no driver saw ending: 0, or something is wrong
    uint64_t empty;        // interrupts without a cause: of what was found
    uint64_t messages;     // interrupts that the cores took
};
struct Tell {
    using Response = Told;
};

// --- for the driver that the service has started; to others: refused ---
enum class Kind : uint32_t { compute, leave, count_ };
struct Order {
    Kind kind;
    uint64_t job;
    uint32_t n;
    bool goes_on;  // another driver has begun it
};
struct Fetch {  // answered when there is something to do
    using Response = Order;
};
struct Done {
    uint64_t job;
    uint32_t value;
    bool interrupted;  // else found
    bool lost;         // neither: it had to be begun anew
};
struct Elsewhere {  // the knowledge base routes the device's interrupt to another core now
    base::CoreId core;
};
struct Left {
    uint64_t messages, empty;
};
struct Failed {  // it cannot drive the device
    base::Error error;
};

using Protocol = urpc::Protocol<Compute, Computed, Tell, Told, Fetch, Order, Done, Elsewhere, Left, Failed>;
static_assert(Protocol::max_lines <= 16);

}  // namespace skerry::usr::edu
