#include "platforms/hosted/machine_shape.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace skerry::hosted {

namespace {

bool number(std::string_view text, uint64_t least, uint64_t most, uint64_t& value) {
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc{} && end == text.data() + text.size() && value >= least && value <= most;
}

// Calls take(part) for what stands between separators; stops at the first false, which it returns.
template <typename Take>
bool each(std::string_view text, char separator, Take take) {
    for (;;) {
        size_t at = text.find(separator);
        if (!take(text.substr(0, at))) return false;
        if (at == std::string_view::npos) return true;
        text.remove_prefix(at + 1);
    }
}

const char* read_cores(std::string_view text, MachineShape& shape) {
    shape.cores.clear();
    bool right = each(text, ',', [&](std::string_view part) {
        size_t colon = part.find(':');
        uint64_t hardware = 0, node = 0;
        if (colon == std::string_view::npos || shape.cores.size() == MachineShape::cores_maximum) return false;
        if (!number(part.substr(0, colon), 0, MachineShape::hardware_maximum, hardware)) return false;
        if (!number(part.substr(colon + 1), 0, MachineShape::nodes_maximum - 1, node)) return false;
        for (const MachineShape::Core& other : shape.cores) {
            if (other.hardware == hardware) return false;
        }
        shape.cores.push_back({static_cast<uint32_t>(hardware), static_cast<uint32_t>(node)});
        shape.nodes = std::max(shape.nodes, static_cast<uint32_t>(node) + 1);
        return true;
    });
    return right ? nullptr : "--cores wants ID:NODE,ID:NODE..., 64 cores at most, ids to 254, nodes to 15";
}

const char* read_distances(std::string_view text, MachineShape& shape) {
    shape.distances.clear();
    bool right = each(text, '/', [&](std::string_view row) {
        shape.distances.emplace_back();
        return each(row, ',', [&](std::string_view part) {
            uint64_t distance = 0;
            if (!number(part, 10, 254, distance)) return false;
            shape.distances.back().push_back(static_cast<uint8_t>(distance));
            return true;
        });
    });
    return right ? nullptr : "--distances wants rows of numbers from 10 to 254, 10,16/16,10";
}

const char* check(const MachineShape& shape) {
    if (shape.cores.empty()) return "--cores is missing";
    if (shape.distances.empty()) return nullptr;
    bool square = shape.distances.size() == shape.nodes;
    for (const auto& row : shape.distances) square = square && row.size() == shape.nodes;
    return square ? nullptr : "--distances must have a row and a column for every node";
}

}  // namespace

const char* read_shape(std::span<char*> arguments, MachineShape& shape) {
    for (size_t i = 0; i < arguments.size(); i += 2) {
        std::string_view option = arguments[i];
        if (i + 1 == arguments.size()) return "an option lacks its value";
        std::string_view value = arguments[i + 1];
        uint64_t amount = 0;
        const char* problem = nullptr;
        if (option == "--cores") {
            problem = read_cores(value, shape);
        } else if (option == "--distances") {
            problem = read_distances(value, shape);
        } else if (option == "--package-shift") {
            if (!number(value, 0, 32, amount)) return "--package-shift wants a number from 0 to 32";
            shape.package_shift = static_cast<uint32_t>(amount);
        } else if (option == "--node-memory") {
            if (!number(value, 64, 1 << 20, amount)) return "--node-memory wants megabytes, 64 at least";
            shape.bytes_per_node = amount / 2 * 2 << 20;
        } else if (option == "--command-line") {
            shape.command_line = value;
        } else {
            problem = "options: --cores --distances --package-shift --node-memory --command-line";
        }
        if (problem != nullptr) return problem;
    }
    return check(shape);
}

}  // namespace skerry::hosted
