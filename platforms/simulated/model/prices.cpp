#include "platforms/simulated/model/prices.hpp"

namespace skerry::simulated::model {

Prices Prices::free(const Machine& machine) {
    Prices prices;
    prices.stores_in_flight = static_cast<uint32_t>(machine.cost("stores_in_flight"));
    if (prices.stores_in_flight == 0) throw BadMachine("'stores_in_flight' is zero");
    return prices;
}

Prices Prices::of(const Machine& machine, const RingSoftware& software) {
    Prices prices = free(machine);
    for (size_t i = 0; i < relations; ++i) {
        auto relation = static_cast<Relation>(i);
        double latency = machine.cost("latency", relation), gap = 1000 / machine.cost("rate", relation);
        double read = gap - software.received, take = latency - software.message - read;
        if (read <= 0 || take <= 0) {
            throw BadMachine("latency and rate of '" + std::string(text(relation)) +
                             "' leave nothing for reading or for taking a line");
        }
        prices.read[i] = cycles(read);
        prices.take[i] = cycles(take);
        prices.gap[i] = cycles(gap);
    }
    prices.memory = cycles(machine.cost("memory"));
    prices.hop = cycles(machine.cost("hop"));
    prices.home_occupancy = cycles(machine.cost("home_occupancy"));
    prices.link_occupancy = cycles(machine.cost("link_occupancy"));
    prices.invalidate_each = cycles(machine.cost("invalidate_each"));
    prices.interrupt_send = cycles(machine.cost("interrupt_send"));
    prices.interrupt_trap = cycles(machine.cost("interrupt_trap"));
    prices.invalidate_page = cycles(machine.cost("invalidate_page"));
    return prices;
}

}  // namespace skerry::simulated::model
