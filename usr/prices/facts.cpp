#include "usr/prices/facts.hpp"

namespace skerry::usr::prices {

void write_facts(base::CoreId from, base::CoreId to, Price price, Facts& text) {
    text << "message_latency(" << from << ", " << to << ", " << price.latency << "). ";
    text << "message_occupancy(" << from << ", " << to << ", " << price.occupancy << ").\n";
}

}  // namespace skerry::usr::prices
