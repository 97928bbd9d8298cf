// What the transfers of a machine cost, worked out from its file once.
//
//   a message through a ring, as Table 2 of The Multikernel (SOSP 2009) measures it:
//
//     writer   | software |--- take: the reader's copy goes ---|
//     reader                                                   |--- read: the line comes ---| software |
//              |<------------------------------ latency.RELATION ----------------------------------->|
//     a stream of them is as fast as one reader, who overlaps nothing:   1000 / rate.RELATION = read + its software
//
// So both columns of the table together say how a latency divides, and nothing is left to choose.
#pragma once

#include <array>

#include "platforms/simulated/model/machine.hpp"
#include "platforms/simulated/model/time.hpp"

namespace skerry::simulated::model {

// Of the ring's own code, in cycles: measured on a machine where memory costs nothing (experiments/calibrate.cpp).
struct RingSoftware {
    double message = 0;   // from before a message is sent to after it is taken
    double received = 0;  // a reader's, a message, when there is always one
};

struct Prices {
    std::array<Time, relations> read{};  // a line that another core has written, from that core
    std::array<Time, relations> take{};  // to be the only one to hold a line of which one has a copy
    std::array<Time, relations>
        gap{};                      // from one written line that goes from core to core to the next between the same
    Time memory = 0;                // a line that no core holds, from the home node's memory
    Time hop = 0;                   // to cross one link once
    Time home_occupancy = 0;        // of the home node, by each transfer of its lines
    Time link_occupancy = 0;        // of each link on its way, by a line
    Time invalidate_each = 0;       // for each copy but the first that a take ends
    uint32_t stores_in_flight = 1;  // lines that a core may be taking in the background
    Time interrupt_send = 0, interrupt_trap = 0, invalidate_page = 0;

    // Throws BadMachine: a cost is missing, or the machine's two columns contradict each other.
    static Prices of(const Machine& machine, const RingSoftware& software);
    // Memory that costs nothing: what is left of a run is software.
    static Prices free(const Machine& machine);
};

}  // namespace skerry::simulated::model
