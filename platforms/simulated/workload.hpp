// What a seed has the machine do: messages, binds, spawns, kills, operations of all monitors, capabilities handed over.
#pragma once

#include <string>

#include "platforms/simulated/random.hpp"

namespace skerry::simulated {

struct Workload {
    std::string background;  // a command that runs beside the other; empty: none
    std::string command;
    uint32_t trials = 0;  // lines that end with ": ok" when all went well
};

inline Workload make_workload(Random& random, uint32_t cores) {
    auto core = [&] { return std::to_string(random.below(cores)); };
    auto trial = [&] {
        std::string kill = random.one_in(3) ? " kill" : "";
        return "oncore " + core() + " trial " + core() + " " + std::to_string(1 + random.below(3)) + kill;
    };
    switch (random.below(4)) {
        case 0:
            return {trial() + " &", trial(), 2};
        case 1:
            return {trial() + " &", "mem", 1};
        default:
            return {"", trial(), 1};
    }
}

}  // namespace skerry::simulated
