// What a machine in a process looks like, and how its command line says so.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace skerry::hosted {

struct MachineShape {
    struct Core {
        uint32_t hardware = 0, node = 0;
    };
    static constexpr uint32_t cores_maximum = 64, nodes_maximum = 16, hardware_maximum = 254;

    std::vector<Core> cores;  // the first boots
    uint32_t nodes = 1;
    uint32_t package_shift = 32;                  // package of a core = hardware id >> this; 32 = one package
    std::vector<std::vector<uint8_t>> distances;  // SLIT's terms; empty = flat
    uint64_t bytes_per_node = uint64_t{512} << 20;
    std::string command_line;
};

// --cores ID:NODE,ID:NODE...  --package-shift N  --distances 10,16/16,10  --node-memory MB  --command-line TEXT
// -> null, or one line that says what is wrong.
const char* read_shape(std::span<char*> arguments, MachineShape& shape);

}  // namespace skerry::hosted
