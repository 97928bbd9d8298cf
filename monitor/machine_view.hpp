// What the monitor that starts cores believes of the machine: init's page, checked once and copied.
#pragma once

#include <string_view>

#include "platforms/base/result.hpp"
#include "urpc/protocols/machine_info.hpp"

namespace skerry::monitor {

// Whether every count and index is in its range, hardware ids are distinct, and text is terminated. Errors: corrupt.
base::Status check(const urpc::MachineInfo& info);

// N of a word `cores=N` in the command line, or `otherwise`; no less than 1 and no more than `otherwise`.
uint32_t cores_wanted(std::string_view command_line, uint32_t otherwise);

// How many cores of that node the machine has.
uint32_t cores_of_node(const urpc::MachineInfo& info, uint32_t node);

}  // namespace skerry::monitor
