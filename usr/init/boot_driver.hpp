// Drivers that the boot loader's line asks for, until somebody looks for devices:
//
//   driver=NAME:PORT+COUNT:INTERRUPT[:level]      driver=storm:0x40+4:0
//
// A program of the archive, its I/O ports, and the ISA interrupt that it may connect.
#pragma once

#include <cstdint>
#include <string_view>

#include "platforms/base/result.hpp"

namespace skerry::init {

struct BootDriver {
    std::string_view name;
    uint32_t first_port = 0, ports = 0;
    uint8_t interrupt = 0;
    bool by_level = false;  // also where the firmware says edge
};

// The next word of `line` that asks for a driver, taken from it with all before it; empty if there is none.
std::string_view next_boot_driver(std::string_view& line);
// Errors: corrupt (not in the form above), out_of_range (ports, interrupt).
base::Result<BootDriver> parse_boot_driver(std::string_view word);

}  // namespace skerry::init
