#include "platforms/firmware/power.hpp"

namespace skerry::firmware {
namespace {

using base::Error;
using base::PhysAddr;
using base::Result;

constexpr uint64_t generic_address_size = 12;
constexpr uint64_t fadt_size_1 = 116;  // ACPI 1.0; each later version appends

enum FadtFlags : uint32_t { flag_reset_supported = 1u << 10, flag_hardware_reduced = 1u << 20 };

enum Aml : uint8_t {
    aml_zero = 0x00,
    aml_one = 0x01,
    aml_name = 0x08,
    aml_byte = 0x0a,
    aml_word = 0x0b,
    aml_dword = 0x0c,
    aml_package = 0x12,
    aml_ones = 0xff,
};

// Absent where the table is too old to have it.
Register read_register(Bytes table, uint64_t at) {
    if (!table.holds(at, generic_address_size)) return {};
    uint8_t space = table.get<uint8_t>(at);
    if (space > uint8_t(Register::Space::pci)) return {};
    return {static_cast<Register::Space>(space), table.get<uint8_t>(at + 1), table.get<uint64_t>(at + 4)};
}

// The 64-bit form where there is one, else the port number of ACPI 1.0.
Register read_block(Bytes table, uint64_t extended_at, uint64_t port_at) {
    Register extended = read_register(table, extended_at);
    if (extended.present()) return extended;
    return {Register::Space::ports, 16, table.get<uint32_t>(port_at)};
}

// One constant of a package; moves `at` behind it. Anything but an integer ends the search.
Result<uint8_t> read_constant(Bytes aml, uint64_t& at) {
    if (!aml.holds(at, 1)) return Error::not_found;
    uint8_t code = aml.get<uint8_t>(at);
    uint64_t operands = code == aml_byte ? 1 : code == aml_word ? 2 : code == aml_dword ? 4 : 0;
    if (!aml.holds(at, 1 + operands)) return Error::not_found;
    uint8_t value = operands != 0 ? aml.get<uint8_t>(at + 1) : code;
    if (operands == 0 && code != aml_zero && code != aml_one && code != aml_ones) return Error::not_found;
    at += 1 + operands;
    return static_cast<uint8_t>(value & 7);  // SLP_TYP has three bits
}

// Package { a, b, ... } at `at`: opcode, length (its top two bits say how many bytes more), count, elements.
Result<SleepType> read_package(Bytes aml, uint64_t at) {
    if (!aml.holds(at, 2) || aml.get<uint8_t>(at) != aml_package) return Error::not_found;
    uint64_t length_bytes = 1 + (aml.get<uint8_t>(at + 1) >> 6);
    at += 1 + length_bytes;
    if (!aml.holds(at, 1)) return Error::not_found;
    uint8_t count = aml.get<uint8_t>(at++);
    if (count == 0) return Error::not_found;
    SleepType sleep;
    sleep.a = SKERRY_TRY(read_constant(aml, at));
    if (count >= 2) sleep.b = SKERRY_TRY(read_constant(aml, at));
    return sleep;
}

}  // namespace

AcpiFault read_fadt(Bytes table, PowerControl& power) {
    if (table.size() < fadt_size_1) return AcpiFault::malformed;
    uint32_t flags = table.get<uint32_t>(112);
    power = {};
    power.hardware_reduced = (flags & flag_hardware_reduced) != 0;
    power.smi_command = table.get<uint32_t>(48);
    power.enable_value = table.get<uint8_t>(52);
    if (!power.hardware_reduced) {
        power.pm1a_control = read_block(table, 172, 64);
        power.pm1b_control = read_block(table, 184, 68);
    }
    if ((flags & flag_reset_supported) && table.holds(128, 1)) {
        power.reset = read_register(table, 116);
        power.reset_value = table.get<uint8_t>(128);
    }
    uint64_t extended_dsdt = table.holds(140, 8) ? table.get<uint64_t>(140) : 0;
    power.dsdt = PhysAddr{extended_dsdt != 0 ? extended_dsdt : table.get<uint32_t>(40)};
    return AcpiFault::none;
}

Result<SleepType> find_s5(Bytes dsdt) {
    for (uint64_t at = acpi_header_size + 1; dsdt.holds(at, 4); ++at) {
        if (dsdt.get<uint32_t>(at) != 0x5f35535f) continue;  // "_S5_"
        // Name(_S5_, ...) or Name(\_S5_, ...); any other use of the name is a reference.
        bool rooted = dsdt.get<uint8_t>(at - 1) == '\\' && dsdt.get<uint8_t>(at - 2) == aml_name;
        if (dsdt.get<uint8_t>(at - 1) != aml_name && !rooted) continue;
        auto sleep = read_package(dsdt, at + 4);
        if (sleep.ok()) return sleep;
    }
    return Error::not_found;
}

}  // namespace skerry::firmware
