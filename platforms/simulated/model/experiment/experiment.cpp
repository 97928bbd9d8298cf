#include "platforms/simulated/model/experiment/experiment.hpp"

namespace skerry::simulated::model {

Figures Figures::of(std::vector<double> values) {
    if (values.empty()) return {};
    std::sort(values.begin(), values.end());
    return {values[values.size() / 2], values.front(), values[values.size() - 1 - values.size() / 100], values.size()};
}

void Report::add(const Engine& engine, Time end, double host_seconds, uint64_t cores_in_run) {
    virtual_cycles += in_cycles(end);
    seconds += host_seconds;
    accesses += engine.total().accesses;
    switches += engine.switches();
    bytes_a_core = std::max(bytes_a_core, engine.bytes_a_core());
    cores = std::max(cores, cores_in_run);
}

}  // namespace skerry::simulated::model
