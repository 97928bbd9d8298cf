// How to reset the machine and how to switch it off: from the FADT, and from the one object of the DSDT that
// matters for it. Nothing interprets AML; `_S5_` is a package of constants and is found as such.
#pragma once

#include <cstdint>
#include <optional>

#include "platforms/firmware/acpi.hpp"

namespace skerry::firmware {

struct Register {
    enum class Space : uint8_t { memory = 0, ports = 1, pci = 2 };
    Space space = Space::ports;
    uint8_t bits = 0;      // width; 0 = the firmware does not say
    uint64_t address = 0;  // 0 = there is no such register
    bool present() const { return address != 0; }
};

struct SleepType {  // goes to bits 10..12 of PM1a_CNT and PM1b_CNT, with bit 13 (SLP_EN)
    uint8_t a = 0;
    uint8_t b = 0;
};

struct PowerControl {
    Register pm1a_control, pm1b_control;  // 16 bits each; the second is often absent
    Register reset;                       // absent unless the firmware says that it works
    uint8_t reset_value = 0;              // what to write there
    // Handshake: if bit 0 of PM1a_CNT is clear, write enable_value to smi_command and wait until it is set.
    uint32_t smi_command = 0;  // port; 0 = nothing to do
    uint8_t enable_value = 0;
    bool hardware_reduced = false;  // there are no PM1 registers at all
    base::PhysAddr dsdt;            // 0 = none
    std::optional<SleepType> off;   // S5; needs the DSDT
};

// From a whole FADT whose checksum was good. malformed: too short for what ACPI 1.0 demands.
AcpiFault read_fadt(Bytes table, PowerControl& power);

// Looks for Name(_S5_, Package {a, b, ...}) in a whole DSDT; linear in its size. Errors: not_found.
base::Result<SleepType> find_s5(Bytes dsdt);

}  // namespace skerry::firmware
