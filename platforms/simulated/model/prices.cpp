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
    double share = machine.cost("read_share");
    if (share >= 1) throw BadMachine("'read_share' leaves nothing for taking a line");
    for (size_t i = 0; i < relations; ++i) {
        auto relation = static_cast<Relation>(i);
        double latency = machine.cost("latency", relation), gap = 1000 / machine.cost("rate", relation);
        double transfers = latency - software.message, read = share * transfers;
        if (transfers <= 0 || read + software.received > gap) {
            throw BadMachine("latency and rate of '" + std::string(text(relation)) +
                             "' contradict each other: a reader alone would take longer for a message");
        }
        prices.read[i] = cycles(read);
        prices.take[i] = cycles(transfers - read);
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
