// What a simulated run is made of, beside the machine's shape. Everything that is not said here comes from the seed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skerry::simulated {

struct Settings {
    bool random = false;  // else the fixed schedule: the core that is furthest behind goes on
    uint64_t seed = 0;
    std::vector<std::string> typed;  // lines for the shell, each once it waits
    bool report = false;             // one line at the end: accesses, virtual time, the run's hash
    static constexpr uint64_t access_ns = 1, quantum_ns = 200;  // of the fixed schedule, without a timing model
};

}  // namespace skerry::simulated
