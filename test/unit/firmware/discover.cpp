// From the RSDP to a machine: what init relies on, and how little a broken table costs.
#include "platforms/firmware/discover.hpp"

#include <catch2/catch.hpp>

#include <memory>

#include "test/unit/firmware/tables.hpp"

namespace {

using namespace skerry::firmware;
using namespace skerry::test;
using skerry::base::Buffer;
using skerry::base::Error;
using skerry::base::HardwareId;
using skerry::base::NodeId;
using skerry::base::PackageId;
using skerry::base::PhysAddr;

// The only problem that was found, in words.
std::string only_problem(const Topology& topology) {
    if (topology.problems.size() != 1) return std::to_string(topology.problems.size()) + " problems";
    Buffer<120> line;
    return std::string(describe(topology.problems[0], line));
}

void flip(std::vector<std::byte>& bytes) {
    bytes.back() ^= std::byte{1};
}

}  // namespace

TEST_CASE("discover: processors, packages, nodes, distances") {
    for (int revision : {1, 2}) {
        SmallMachine machine(revision);
        auto topology = std::make_unique<Topology>();
        REQUIRE(machine.discover(*topology).ok());
        CHECK(topology->problems.empty());
        REQUIRE(topology->processors.size() == 4);
        CHECK(topology->processors[2].id == HardwareId{4});
        CHECK(topology->processors[2].firmware_uid == 2);
        CHECK(topology->package_count == 2);
        CHECK(topology->processors[1].package == PackageId{0});
        CHECK(topology->processors[2].package == PackageId{1});
        // Domain 1 is node 0 and domain 3 node 1: ascending, whatever the order in the table.
        REQUIRE(topology->node_count() == 2);
        CHECK(topology->domains[1] == 3);
        CHECK(topology->processors[0].node == NodeId{1});
        CHECK(topology->processors[3].node == NodeId{0});
        CHECK(topology->distances_known);
        CHECK(topology->distances[0][0] == 10);
        CHECK(topology->distances[0][1] == 21);
        CHECK(topology->distances[1][0] == 22);
        CHECK(topology->memory.size() == 3);
        CHECK(topology->node_of(PhysAddr{0x3fff'ffff}) == NodeId{1});
        CHECK(topology->node_of(PhysAddr{0x4000'0000}) == NodeId{0});
    }
}

TEST_CASE("discover: interrupts, power, configuration space") {
    SmallMachine machine;
    auto topology = std::make_unique<Topology>();
    REQUIRE(machine.discover(*topology).ok());
    CHECK(topology->local_apic == PhysAddr{0xfee0'0000});
    CHECK(topology->has_legacy_pics);
    REQUIRE(topology->io_apics.size() == 1);
    CHECK(topology->io_apics[0].id == 8);
    CHECK(topology->io_apics[0].address == PhysAddr{0xfec0'0000});
    REQUIRE(topology->overrides.size() == 2);
    CHECK(topology->overrides[0].interrupt == 2);
    CHECK_FALSE((topology->overrides[0].active_low || topology->overrides[0].level_triggered));
    CHECK((topology->overrides[1].active_low && topology->overrides[1].level_triggered));
    REQUIRE(topology->power.has_value());
    CHECK(topology->power->pm1a_control.address == 0x604);
    REQUIRE(topology->power->off.has_value());
    CHECK(topology->power->off->a == 5);
    CHECK(topology->power->off->b == 1);
    CHECK(topology->configuration == PhysAddr{0xb000'0000});
    CHECK(topology->configuration_buses == 256);
}

TEST_CASE("discover: a copy of the RSDP serves as well") {
    SmallMachine machine;
    auto copy = machine.image.at(FirmwareImage::rsdp_address);
    machine.image.at(FirmwareImage::rsdp_address).clear();
    auto topology = std::make_unique<Topology>();
    REQUIRE(discover(machine.image, copy, {}, *topology).ok());
    CHECK(topology->processors.size() == 4);
    CHECK(topology->package_count == 1);
    CHECK(machine.discover(*topology).error() == Error::refused);
    CHECK(only_problem(*topology) == "ACPI table RSDP: its memory cannot be read, table ignored");
}

TEST_CASE("discover: a wrong checksum costs that table alone") {
    auto topology = std::make_unique<Topology>();
    SECTION("SRAT: one node") {
        SmallMachine machine;
        flip(machine.image.at(machine.srat_address));
        REQUIRE(machine.discover(*topology).ok());
        CHECK(topology->processors.size() == 4);
        CHECK(topology->node_count() == 1);
        CHECK(topology->memory.empty());
        CHECK(topology->node_of(PhysAddr{0x4000'0000}) == NodeId{0});
        CHECK(only_problem(*topology) == "ACPI table SRAT: wrong checksum, table ignored");
    }
    SECTION("SLIT: default distances") {
        SmallMachine machine;
        flip(machine.image.at(machine.slit_address));
        REQUIRE(machine.discover(*topology).ok());
        CHECK(topology->node_count() == 2);
        CHECK_FALSE(topology->distances_known);
        CHECK(topology->distances[0][1] == Topology::distance_remote);
        CHECK(topology->distances[1][1] == Topology::distance_local);
        CHECK(only_problem(*topology) == "ACPI table SLIT: wrong checksum, table ignored");
    }
    SECTION("FADT: no power control") {
        SmallMachine machine;
        flip(machine.image.at(machine.fadt_address));
        REQUIRE(machine.discover(*topology).ok());
        CHECK_FALSE(topology->power.has_value());
        CHECK(only_problem(*topology) == "ACPI table FACP: wrong checksum, table ignored");
    }
    SECTION("DSDT: reset, but no power off") {
        SmallMachine machine;
        flip(machine.image.at(machine.dsdt_address));
        REQUIRE(machine.discover(*topology).ok());
        REQUIRE(topology->power.has_value());
        CHECK(topology->power->reset.present());
        CHECK_FALSE(topology->power->off.has_value());
        CHECK(only_problem(*topology) == "ACPI table DSDT: wrong checksum, table ignored");
    }
    SECTION("XSDT: the RSDT serves") {
        SmallMachine machine;
        flip(machine.image.at(machine.image.xsdt_address));
        REQUIRE(machine.discover(*topology).ok());
        CHECK(topology->node_count() == 2);
        CHECK(only_problem(*topology) == "ACPI table XSDT: wrong checksum, table ignored");
    }
}

TEST_CASE("discover: without processors there is nothing to say") {
    auto topology = std::make_unique<Topology>();
    SECTION("MADT with a wrong checksum") {
        SmallMachine machine;
        flip(machine.image.at(machine.madt_address));
        CHECK(machine.discover(*topology).error() == Error::corrupt);
        CHECK(only_problem(*topology) == "ACPI table APIC: wrong checksum, table ignored");
    }
    SECTION("no MADT") {
        SmallMachine machine;
        std::memcpy(machine.image.at(machine.madt_address).data(), "NONE", 4);
        CHECK(machine.discover(*topology).error() == Error::not_found);
        CHECK(only_problem(*topology) == "ACPI table APIC: missing");
    }
    SECTION("RSDP") {
        SmallMachine machine;
        flip(machine.image.at(FirmwareImage::rsdp_address));
        CHECK(machine.discover(*topology).error() == Error::corrupt);
        CHECK(only_problem(*topology) == "ACPI table RSDP: wrong checksum, table ignored");
    }
    SECTION("both directories") {
        SmallMachine machine;
        flip(machine.image.at(machine.image.xsdt_address));
        flip(machine.image.at(machine.image.rsdt_address));
        CHECK(machine.discover(*topology).error() == Error::corrupt);
        CHECK(topology->problems.size() == 2);
    }
}

TEST_CASE("discover: a second run forgets the first") {
    SmallMachine machine;
    auto topology = std::make_unique<Topology>();
    REQUIRE(machine.discover(*topology).ok());
    flip(machine.image.at(machine.srat_address));
    flip(machine.image.at(machine.fadt_address));
    REQUIRE(machine.discover(*topology, 1).ok());
    CHECK(topology->processors.size() == 4);
    CHECK(topology->package_count == 2);
    CHECK(topology->memory.empty());
    CHECK_FALSE(topology->power.has_value());
    CHECK(topology->problems.size() == 2);
}

TEST_CASE("acpi: the RSDP at every length and with every flipped bit") {
    SmallMachine machine;
    auto good = machine.image.at(FirmwareImage::rsdp_address);
    Guarded memory(64);
    for (size_t length = 0; length < good.size(); ++length) {
        REQUIRE_FALSE(parse_rsdp(memory.place(std::span(good).first(length))).ok());
    }
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bytes = good;
        bytes[bit / 8] ^= std::byte(1u << bit % 8);
        REQUIRE_FALSE(parse_rsdp(memory.place(bytes)).ok());
    }
    REQUIRE(parse_rsdp(memory.place(good)).ok());
}

TEST_CASE("acpi: every flipped bit of a table is found") {
    SmallMachine machine;
    AcpiProblems problems;
    auto rsdp = read_rsdp(machine.image, PhysAddr{FirmwareImage::rsdp_address});
    REQUIRE(rsdp.ok());
    auto tables = AcpiTables::open(machine.image, *rsdp, problems);
    REQUIRE(tables.ok());
    CHECK(tables->count() == 6);
    auto good = machine.image.at(machine.madt_address);
    for (size_t bit = 0; bit < good.size() * 8; ++bit) {
        auto bytes = good;
        bytes[bit / 8] ^= std::byte(1u << bit % 8);
        machine.image.at(machine.madt_address) = bytes;
        REQUIRE_FALSE(tables->load(machine.image, "APIC", problems).ok());
    }
    CHECK(problems.size() <= 3);  // each fault is noted once
}
