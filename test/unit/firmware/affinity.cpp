// MADT, SRAT and SLIT one by one: limits, odd firmware, broken entries.
#include "platforms/firmware/affinity.hpp"

#include <catch2/catch.hpp>

#include <memory>

#include "test/unit/firmware/tables.hpp"

namespace {

using namespace skerry::firmware;
using namespace skerry::test;
using skerry::base::HardwareId;
using skerry::base::NodeId;
using skerry::base::PhysAddr;

std::unique_ptr<Topology> with_processors(std::initializer_list<uint8_t> ids) {
    auto topology = std::make_unique<Topology>();
    Writer out = madt();
    for (uint8_t id : ids) local_apic(out, id, id);
    REQUIRE(read_madt(out.view(), *topology) == AcpiFault::none);
    return topology;
}

}  // namespace

TEST_CASE("madt: both kinds of processor, disabled and doubled ones") {
    Topology topology;
    Writer out = madt();
    local_apic(out, 1, 3), x2apic(out, 9, 3), x2apic(out, 10, 0x12345), local_apic(out, 2, 4, 0);
    local_apic(out, 3, 5, 2), local_apic(out, 4, 0xff), x2apic(out, 11, UINT32_MAX);
    REQUIRE(read_madt(out.view(), topology) == AcpiFault::none);
    REQUIRE(topology.processors.size() == 2);
    CHECK(topology.processors[0].firmware_uid == 1);
    CHECK(topology.processors[1].id == HardwareId{0x12345});
    CHECK(topology.processors[1].firmware_uid == 10);
}

TEST_CASE("madt: local APIC address override, interrupt flags, unknown entries") {
    Topology topology;
    Writer out = madt();
    out.put(uint8_t{0x7f}).put(uint8_t{3}).put(uint8_t{9});  // unknown, and misaligns what follows
    out.put(uint8_t{5}).put(uint8_t{12}).put(uint16_t{0}).put(uint64_t{0x12'fee0'0000});
    interrupt_override(out, 5, 5, 0x5), interrupt_override(out, 10, 10, 0xd), interrupt_override(out, 11, 11, 0x7);
    REQUIRE(read_madt(out.view(), topology) == AcpiFault::none);
    CHECK(topology.local_apic == PhysAddr{0x12'fee0'0000});
    REQUIRE(topology.overrides.size() == 3);
    CHECK_FALSE((topology.overrides[0].active_low || topology.overrides[0].level_triggered));
    CHECK((!topology.overrides[1].active_low && topology.overrides[1].level_triggered));
    CHECK((topology.overrides[2].active_low && !topology.overrides[2].level_triggered));
}

TEST_CASE("madt: what does not fit is left out, the rest is kept") {
    Topology topology;
    Writer out = madt();
    for (uint32_t id = 0; id < 300; ++id) x2apic(out, id, id);
    io_apic(out, 1, 0xfec0'0000, 24);
    CHECK(read_madt(out.view(), topology) == AcpiFault::no_room);
    CHECK(topology.processors.size() == Topology::processors_maximum);
    CHECK(topology.io_apics.size() == 1);
}

TEST_CASE("madt: broken entries end it, what came before stays") {
    for (int length : {0, 1, 7, 9, 255}) {
        Topology topology;
        Writer out = madt();
        local_apic(out, 0, 0), local_apic(out, 1, 1);
        out.bytes[44 + 8 + 1] = std::byte(length);
        CHECK(read_madt(out.view(), topology) == AcpiFault::malformed);
        CHECK(topology.processors.size() >= 1);
    }
}

TEST_CASE("srat: domains become dense nodes; wide numbers only from revision 2 on") {
    for (uint8_t revision : {1, 2}) {
        auto topology = with_processors({0, 1, 2});
        Writer out = srat(revision);
        local_apic_affinity(out, 0x01020304, 0), x2apic_affinity(out, 7, 1), memory_affinity(out, 2, 0, 4096);
        REQUIRE(read_srat(out.view(), *topology) == AcpiFault::none);
        REQUIRE(topology->node_count() == 3);
        CHECK(topology->find(HardwareId{0})->node == NodeId{revision == 1 ? 1u : 2u});
        CHECK(topology->find(HardwareId{1})->node == NodeId{revision == 1 ? 2u : 1u});
        CHECK(topology->find(HardwareId{2})->node == NodeId{0});  // not in the table
        CHECK(topology->memory[0].node == NodeId{0});
    }
}

TEST_CASE("srat: disabled entries, absent processors and empty ranges make no node") {
    auto topology = with_processors({0});
    Writer out = srat();
    local_apic_affinity(out, 5, 0), local_apic_affinity(out, 1, 9), local_apic_affinity(out, 2, 0, 0);
    memory_affinity(out, 3, 0x1000, 0), memory_affinity(out, 4, 0x1000, 0x1000, 0);
    REQUIRE(read_srat(out.view(), *topology) == AcpiFault::none);
    REQUIRE(topology->node_count() == 1);
    CHECK(topology->domains[0] == 5);
    CHECK(topology->memory.empty());
}

TEST_CASE("srat: kinds of memory, and ranges that wrap") {
    auto topology = with_processors({0});
    Writer out = srat();
    memory_affinity(out, 0, 0x1000, 0x1000, 1 | 2), memory_affinity(out, 0, 0x4000, 0x1000, 1 | 4);
    REQUIRE(read_srat(out.view(), *topology) == AcpiFault::none);
    CHECK((topology->memory[0].hot_pluggable && !topology->memory[0].persistent));
    CHECK((topology->memory[1].persistent && !topology->memory[1].hot_pluggable));
    memory_affinity(out, 0, UINT64_MAX - 10, 100);
    topology = with_processors({0});
    CHECK(read_srat(out.view(), *topology) == AcpiFault::malformed);
    CHECK(topology->memory.size() == 2);
}

TEST_CASE("srat: more domains and ranges than fit") {
    auto topology = with_processors({0});
    Writer out = srat();
    for (uint32_t i = 0; i < 200; ++i) memory_affinity(out, i, i * 0x1000, 0x1000);
    CHECK(read_srat(out.view(), *topology) == AcpiFault::no_room);
    CHECK(topology->node_count() == Topology::nodes_maximum);
    CHECK(topology->memory.size() == Topology::nodes_maximum);  // the others' domains found no room
}

TEST_CASE("hmat: latency and bandwidth of the nodes' memory") {
    auto make = [] {
        auto topology = with_processors({0});
        Writer out = srat();
        memory_affinity(out, 3, 0, 0x1000), memory_affinity(out, 7, 0x1000, 0x1000);
        REQUIRE(read_srat(out.view(), *topology) == AcpiFault::none);
        return topology;
    };
    auto topology = make();
    Writer good = hmat();
    good.put(uint16_t{0}).put(uint16_t{0}).put(40u).fill_to(80);  // another kind of structure
    locality(good, 0, 0, {7, 3, 99}, 100, {900, 1205, 5, 1200, 801, 5, 5, 5, 5});
    locality(good, 0, 3, {3, 7}, 1024, {20, 0xffff, 0, 18});
    locality(good, 1, 0, {3, 7}, 1000, {1, 1, 1, 1});  // of a cache
    locality(good, 0, 2, {3, 7}, 1000, {1, 1, 1, 1});  // writes
    REQUIRE(read_hmat(good.view(), *topology) == AcpiFault::none);
    CHECK((topology->latency_ns[0][0] == 81 && topology->latency_ns[1][1] == 90));  // picoseconds, rounded up
    CHECK((topology->latency_ns[0][1] == 120 && topology->latency_ns[1][0] == 121));
    CHECK((topology->bandwidth_mib[0][0] == 20480 && topology->bandwidth_mib[0][1] == 0));
    CHECK((topology->bandwidth_mib[1][0] == 0 && topology->bandwidth_mib[1][1] == 18432));
    // Revision 1 has other units; values that are too large mean nothing.
    topology = make();
    Writer old = hmat(1), large = hmat();
    locality(old, 0, 0, {3, 7}, 1000, {1, 1, 1, 1});
    CHECK(read_hmat(old.view(), *topology) == AcpiFault::none);
    locality(large, 0, 3, {3, 7}, UINT64_MAX, {1, 1, 1, 1}), locality(large, 0, 3, {3, 7}, UINT32_MAX, {2, 2, 2, 2});
    CHECK(read_hmat(large.view(), *topology) == AcpiFault::none);
    CHECK((topology->latency_ns[0][0] == 0 && topology->bandwidth_mib[1][1] == 0));
    // All or nothing, at every length and with counts that wrap.
    for (size_t length = 0; length < good.size(); ++length) {
        topology = make();
        Writer cut = good;
        cut.bytes.resize(length);
        bool whole = read_hmat(cut.view(), *topology) == AcpiFault::none;
        CHECK((whole || topology->latency_ns[0][0] == 0));
    }
    for (uint32_t count : {3u, 0xffffu, 0x10000u, 0x8000'0000u, ~0u}) {
        for (size_t place : {12, 16}) {
            Writer wrong = hmat();
            locality(wrong, 0, 0, {3, 7}, 100, {1, 1, 1, 1});
            wrong.set(40 + place, count);
            topology = make();
            CHECK(read_hmat(wrong.view(), *topology) == AcpiFault::malformed);
        }
    }
}

TEST_CASE("slit: refused as a whole unless it fits the nodes") {
    auto two_nodes = [] {
        auto topology = with_processors({0});
        Writer out = srat();
        memory_affinity(out, 0, 0, 0x1000), memory_affinity(out, 1, 0x1000, 0x1000);
        REQUIRE(read_srat(out.view(), *topology) == AcpiFault::none);
        return topology;
    };
    auto topology = two_nodes();
    CHECK(read_slit(slit({{10, 16}, {22, 10}}).view(), *topology) == AcpiFault::none);
    CHECK(topology->distances[1][0] == 22);
    for (const Writer& wrong :
         {slit({{10}}), slit({{10, 16}, {16, 11}}), slit({{10, 10}, {16, 10}}), slit({{10, 9}, {16, 10}})}) {
        topology = two_nodes();
        CHECK(read_slit(wrong.view(), *topology) == AcpiFault::malformed);
        CHECK_FALSE(topology->distances_known);
    }
    for (uint64_t localities : {uint64_t{3}, uint64_t{65535}, uint64_t{1} << 32, UINT64_MAX}) {
        Writer out = slit({{10, 16}, {16, 10}});
        out.set(36, localities);
        CHECK(read_slit(out.view(), *topology) == AcpiFault::malformed);
    }
}

TEST_CASE("mcfg: the first segment's memory from bus 0 on") {
    Writer out = mcfg();
    configuration_space(out, 0x1'0000'0000, 1, 0, 255), configuration_space(out, 0xc000'0000, 0, 128, 255);
    auto topology = with_processors({0});
    CHECK(read_mcfg(out.view(), *topology) == AcpiFault::none);
    CHECK(topology->configuration_buses == 0);
    configuration_space(out, 0xb000'0000, 0, 0, 127);
    CHECK(read_mcfg(out.view(), *topology) == AcpiFault::none);
    CHECK(topology->configuration == skerry::base::PhysAddr{0xb000'0000});
    CHECK(topology->configuration_buses == 128);
    topology->clear();
    CHECK(topology->configuration_buses == 0);

    for (uint64_t base : {uint64_t{0}, uint64_t{0xb000'1000}, ~uint64_t{0} - 0xf'ffff}) {
        Writer wrong = mcfg();
        configuration_space(wrong, base, 0, 0, 255);
        CHECK(read_mcfg(wrong.view(), *topology) == AcpiFault::malformed);
        CHECK(topology->configuration_buses == 0);
    }
}

TEST_CASE("affinity tables: truncated at every length") {
    Guarded memory(4096);
    auto each_length = [&](const Writer& whole, auto read) {
        for (size_t length = 0; length <= whole.size(); ++length) {
            auto topology = with_processors({0, 1});
            read(Bytes(memory.place(std::span(whole.bytes).first(length))), *topology);
        }
    };
    Writer processors = madt();
    local_apic(processors, 0, 7), x2apic(processors, 1, 8), io_apic(processors, 1, 2, 3);
    interrupt_override(processors, 1, 2, 3);
    each_length(processors, [](Bytes table, Topology& topology) { return read_madt(table, topology); });
    Writer affinity = srat();
    local_apic_affinity(affinity, 0, 0), x2apic_affinity(affinity, 1, 1), memory_affinity(affinity, 0, 0, 4096);
    each_length(affinity, [](Bytes table, Topology& topology) { return read_srat(table, topology); });
    each_length(slit({{10}}), [](Bytes table, Topology& topology) { return read_slit(table, topology); });
    Writer configuration = mcfg();
    configuration_space(configuration, 0xb000'0000, 0, 0, 255);
    each_length(configuration, [](Bytes table, Topology& topology) { return read_mcfg(table, topology); });
    each_length(fadt(0), [](Bytes table, Topology&) {
        PowerControl power;
        return read_fadt(table, power);
    });
    each_length(dsdt({8, '_', 'S', '5', '_', 0x12, 0x06, 0x04, 0x0a, 0x05, 0x0a, 0x05}),
                [](Bytes table, Topology&) { return find_s5(table).ok(); });
}
