// Which program of the boot archive may drive which device. To drive is to be trusted with all memory: the device reads and
// writes where it is told to, there is no unit between it and memory that would check.
#pragma once

#include <cstdint>
#include <string_view>

namespace skerry::usr::pci {

struct Driver {
    uint32_t vendor, id;
    std::string_view program;
};
constexpr Driver drivers[] = {
    {0x1234, 0x11e8, "edu"},  // QEMU's device for teaching
};

constexpr bool may_drive(std::string_view program, uint32_t vendor, uint32_t id) {
    for (const Driver& driver : drivers) {
        if (driver.vendor == vendor && driver.id == id && driver.program == program) return true;
    }
    return false;
}

}  // namespace skerry::usr::pci
