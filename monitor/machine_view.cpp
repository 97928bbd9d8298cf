#include "monitor/machine_view.hpp"

#include <algorithm>
#include <cstring>

#include "platforms/base/words.hpp"

namespace skerry::monitor {

using base::Error;
using base::Status;

Status check(const urpc::MachineInfo& info) {
    if (info.magic != urpc::machine_info_magic) return Error::corrupt;
    if (info.core_count == 0 || info.core_count > urpc::machine_cores_maximum) return Error::corrupt;
    if (info.node_count == 0 || info.node_count > urpc::machine_nodes_maximum) return Error::corrupt;
    if (info.self >= info.core_count) return Error::corrupt;
    if (info.start_count == 0 || info.start_count > info.core_count) return Error::corrupt;
    if (info.firmware_root_size > sizeof info.firmware_root) return Error::corrupt;
    if (std::memchr(info.command_line, 0, sizeof info.command_line) == nullptr) return Error::corrupt;
    if (info.clock_multiplier == 0 || info.poke_area % base::page_size != 0) return Error::corrupt;
    for (uint32_t i = 0; i < info.core_count; ++i) {
        if (info.core[i].node >= info.node_count) return Error::corrupt;
        for (uint32_t j = 0; j < i; ++j) {
            if (info.core[i].hardware_id == info.core[j].hardware_id) return Error::corrupt;
        }
    }
    return {};
}

uint32_t cores_wanted(std::string_view line, uint32_t otherwise) {
    auto number = base::number_after(line, "cores=");
    if (!number.ok()) return otherwise;
    return static_cast<uint32_t>(std::clamp<uint64_t>(*number, 1, otherwise));
}

uint32_t cores_of_node(const urpc::MachineInfo& info, uint32_t node) {
    uint32_t count = 0;
    for (uint32_t i = 0; i < info.core_count; ++i) count += info.core[i].node == node;
    return count;
}

}  // namespace skerry::monitor
