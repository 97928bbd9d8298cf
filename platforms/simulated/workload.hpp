// What a seed has the machine do: messages, binds, spawns, kills, operations of all monitors, capabilities handed over.
#pragma once

#include <string>

#include "platforms/simulated/random.hpp"

namespace skerry::simulated {

struct Workload {
    std::string background;  // a command that runs beside the other; empty: none
    std::string command;
    uint32_t trials = 0;   // lines that end with ": ok" when all went well
    std::string lender{};  // one more command that runs beside the others
};

// Typed before the first schedule: partners that visitors find on each core.
inline std::string partner_command(uint32_t core) {
    std::string name = std::to_string(core);
    return "oncore " + name + " trial serve trial." + name + " &";
}

// A seed begins in scene `seed % scenes`: a command, and how much of it is left, in visible steps of a calm schedule; the
// rest has been done by one. `everything`: the seed begins at the prompt.
constexpr uint64_t scenes = 32, everything = ~uint64_t{0};
struct Scene {
    Workload workload;
    uint64_t steps_left = everything;
    // Typed before the scene begins, so many times: takes half of a core's free memory and keeps it. 0: there is enough.
    std::string hoard;
    uint64_t hoards = 0;
};

inline Workload make_workload(Random& random, uint32_t cores) {
    auto core = [&] { return std::to_string(random.below(cores)); };
    auto trial = [&](const std::string& how) {
        return "oncore " + core() + " trial " + core() + " " + std::to_string(1 + random.below(3)) + how;
    };
    switch (random.below(16)) {
        case 0:
            return {trial("") + " &", "mem", 1};
        case 1:
            return {"", trial(" kill"), 1};
        case 2:
            return {trial(" visit") + " &", "oncore " + core() + " hello", 1};
        case 3:
            return {"", trial(""), 1};
        case 4:
            return {"oncore " + core() + " hello &", "mem", 0};
        case 5:
            return {"", "oncore " + core() + " hello", 0};
        default:
            return {"", trial(" visit"), 1};
    }
}

// Seeds from here on begin in as many other scenes: programs on three cores that copy, retype, map, give away, revoke and
// delete capabilities, one operation at a time and two at once, compared with a model (usr/test/juggle); in an eighth, such
// programs on two cores come and go or are killed, and all memory must have come back.
constexpr uint64_t capability_seeds = 500'000'000;
static_assert(capability_seeds % scenes == 0);
// Seeds from here on begin in 32 more: a core stops, and is noticed by a program that has all monitors add something up or, in a
// quarter of them, asks each for itself; so it is fenced, and the command must end, whatever it says.
constexpr uint64_t loss_seeds = 600'000'000;
static_assert(loss_seeds % scenes == 0);
constexpr uint64_t scene_of(uint64_t seed) {
    return seed % scenes + (seed >= loss_seeds ? 2 * scenes : seed >= capability_seeds ? scenes : 0);
}

inline Scene make_capability_scene(uint64_t number, uint32_t cores) {
    Random random(number);
    Scene scene;
    std::string steps = std::to_string(30 + random.below(60)), core = std::to_string(random.below(cores));
    scene.workload.command = "oncore " + core + " juggle " + std::to_string(number) + " " + steps + " 3";
    scene.workload.trials = 1;
    scene.steps_left = 3000 + random.below(9000);
    if (number % 8 == 7) {
        std::string programs = std::to_string(2 + random.below(4));
        scene.workload.command = "oncore " + core + " juggle crowd " + programs + " 2";
    }
    return scene;
}

// From the prompt on, since what comes last is the fence. Not juggle: its programs poll for what a lost core would have brought, and
// come to no end in the steps of a schedule.
inline Scene make_loss_scene(uint64_t number, uint32_t cores) {
    Random random(number);
    Scene scene;
    scene.workload = make_workload(random, cores);
    scene.workload.background = number % 4 == 1 ? "oncore 0 trial guard each &" : "oncore 0 trial guard &";
    // Memory is lent between two of the cores of which one may stop, or to the one that inherits.
    std::string lender = std::to_string(1 + random.below(cores - 1)), borrower = std::to_string(random.below(cores));
    scene.workload.lender = "oncore " + lender + " trial lend " + borrower + " &";
    return scene;
}

inline Scene make_scene(uint64_t number, uint32_t cores) {
    if (number >= 2 * scenes) return make_loss_scene(number, cores);
    if (number >= scenes) return make_capability_scene(number, cores);
    Random random(number);
    Scene scene;
    scene.workload = make_workload(random, cores);
    if (number % 8 == 7) {
        // Where the command begins, or its partner.
        const std::string& line = scene.workload.command;
        size_t at = random.one_in(2) ? line.find("oncore ") : line.find("trial ");
        std::string core = at == std::string::npos ? "1" : line.substr(line.find(' ', at) + 1, 1);
        scene.hoard = "oncore " + core + " trial hoard " + std::to_string(random.below(10)) + " &";
        scene.hoards = 1 + random.below(4);
    }
    if (number % 16 != 15 && !random.one_in(8)) scene.steps_left = 2750 + random.below(650);
    return scene;
}

}  // namespace skerry::simulated
