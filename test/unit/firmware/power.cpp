// FADT and the _S5_ package: how to reset and to switch off.
#include "platforms/firmware/power.hpp"

#include <catch2/catch.hpp>

#include "test/unit/firmware/tables.hpp"

namespace {

using namespace skerry::firmware;
using namespace skerry::test;
using skerry::base::Error;
using skerry::base::PhysAddr;

constexpr int name = 0x08, package = 0x12, byte = 0x0a, word = 0x0b;

}  // namespace

TEST_CASE("fadt: control blocks, reset, handshake") {
    PowerControl power;
    REQUIRE(read_fadt(fadt(0x1234'5000).view(), power) == AcpiFault::none);
    CHECK(power.pm1a_control.space == Register::Space::ports);
    CHECK(power.pm1a_control.address == 0x604);
    CHECK_FALSE(power.pm1b_control.present());
    CHECK(power.reset.address == 0xcf9);
    CHECK(power.reset.bits == 8);
    CHECK(power.reset_value == 0x0f);
    CHECK(power.smi_command == 0xb2);
    CHECK(power.enable_value == 0xf1);
    CHECK(power.dsdt == PhysAddr{0x1234'5000});
}

TEST_CASE("fadt: the 64-bit forms win") {
    Writer out = fadt(0x1000);
    out.set(140, uint64_t{0x12'0000'0000});
    out.set(172, uint8_t{0}).set(173, uint8_t{16}).set(176, uint64_t{0xfed0'0000});
    out.set(184, uint8_t{1}).set(185, uint8_t{16}).set(188, uint64_t{0x704});
    PowerControl power;
    REQUIRE(read_fadt(out.view(), power) == AcpiFault::none);
    CHECK(power.dsdt == PhysAddr{0x12'0000'0000});
    CHECK(power.pm1a_control.space == Register::Space::memory);
    CHECK(power.pm1a_control.address == 0xfed0'0000);
    CHECK(power.pm1b_control.address == 0x704);
}

TEST_CASE("fadt: no reset unless it is said to work, no PM1 on reduced hardware, old and short tables") {
    PowerControl power;
    REQUIRE(read_fadt(fadt(0, 0).view(), power) == AcpiFault::none);
    CHECK_FALSE(power.reset.present());
    REQUIRE(read_fadt(fadt(0, 1u << 20).view(), power) == AcpiFault::none);
    CHECK(power.hardware_reduced);
    CHECK_FALSE(power.pm1a_control.present());
    Writer old = fadt(0x1000);
    old.bytes.resize(116);
    REQUIRE(read_fadt(old.view(), power) == AcpiFault::none);
    CHECK(power.pm1a_control.address == 0x604);
    CHECK_FALSE(power.reset.present());
    old.bytes.resize(115);
    CHECK(read_fadt(old.view(), power) == AcpiFault::malformed);
}

TEST_CASE("s5: the ways in which compilers write it") {
    auto types = [](std::initializer_list<int> aml) {
        auto sleep = find_s5(dsdt(aml).view());
        return sleep.ok() ? sleep->a * 10 + sleep->b : -1;
    };
    CHECK(types({name, '_', 'S', '5', '_', package, 6, 4, 0, 0, 0, 0}) == 0);
    CHECK(types({name, '_', 'S', '5', '_', package, 8, 4, byte, 5, byte, 6, 0, 0}) == 56);
    CHECK(types({name, '\\', '_', 'S', '5', '_', package, 8, 4, byte, 7, 1, 0, 0}) == 71);
    CHECK(types({name, '_', 'S', '5', '_', package, 0x48, 0, 4, byte, 3, byte, 3, 0, 0}) == 33);  // two length bytes
    CHECK(types({name, '_', 'S', '5', '_', package, 9, 2, word, 5, 0, word, 6, 0}) == 56);
    CHECK(types({name, '_', 'S', '5', '_', package, 4, 1, byte, 5}) == 50);
    // A mention before the definition, another sleep state, and what is no package of constants.
    CHECK(types({0x70, '_', 'S', '5', '_', 0x60, name, '_', 'S', '5', '_', package, 4, 2, 1, 0}) == 10);
    CHECK(types({name, '_', 'S', '4', '_', package, 4, 2, 1, 0}) == -1);
    CHECK(types({name, '_', 'S', '5', '_', 0x0d, 'x', 0}) == -1);
    CHECK(types({name, '_', 'S', '5', '_', package, 4, 0}) == -1);
    CHECK(types({name, '_', 'S', '5', '_', package, 4, 2, 0x0d, 0}) == -1);
}
