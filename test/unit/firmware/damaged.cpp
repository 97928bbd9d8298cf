// A machine whose firmware is damaged at random: discover() stays inside its spans and its limits.
#include <catch2/catch.hpp>

#include <memory>

#include "test/unit/firmware/tables.hpp"

namespace {

using namespace skerry::firmware;
using namespace skerry::test;

void check_limits(const Topology& topology) {
    REQUIRE_FALSE(topology.processors.empty());
    REQUIRE(topology.node_count() >= 1);
    for (const Processor& processor : topology.processors) {
        REQUIRE(processor.node.value < topology.node_count());
        REQUIRE(processor.package.value < topology.package_count);
    }
    for (const NodeMemory& range : topology.memory) {
        REQUIRE(range.node.value < topology.node_count());
        REQUIRE(range.base.value + range.size > range.base.value);
    }
    REQUIRE(topology.configuration_buses <= 256);
    REQUIRE((topology.configuration.value != 0) == (topology.configuration_buses != 0));
    for (uint32_t from = 0; from < topology.node_count(); ++from) {
        REQUIRE(topology.distances[from][from] == Topology::distance_local);
    }
}

}  // namespace

TEST_CASE("discover: 100,000 damaged machines") {
    SmallMachine machine;
    auto topology = std::make_unique<Topology>();
    std::mt19937 random(1999);
    const std::vector<uint64_t> places = {
        machine.madt_address,       machine.srat_address,       machine.slit_address, machine.mcfg_address,
        machine.hmat_address,       machine.fadt_address,       machine.dsdt_address, machine.image.xsdt_address,
        machine.image.rsdt_address, FirmwareImage::rsdp_address};
    uint32_t found = 0, flawless = 0;
    for (int i = 0; i < 100'000; ++i) {
        uint64_t place = places[random() % places.size()];
        auto good = machine.image.at(place);
        Writer damaged;
        damaged.bytes = good;
        damage(damaged.bytes, damaged.size(), random);
        // Most get a right checksum again, so that what lies behind the checksum is tried.
        bool resealed = i % 8 != 0 && place != FirmwareImage::rsdp_address && damaged.size() >= 10;
        if (resealed && i % 3 == 0) seal(damaged);
        if (resealed && i % 3 != 0) balance(damaged, 9, damaged.size());
        machine.image.at(place) = damaged.bytes;
        auto status = machine.discover(*topology, random() % 40);
        machine.image.at(place) = good;
        REQUIRE((status.ok() || !topology->problems.empty()));  // a refusal always says why
        if (!status.ok()) continue;
        ++found;
        flawless += topology->problems.empty();
        check_limits(*topology);
    }
    CHECK(found > 10'000);
    CHECK(flawless > 1'000);
}
