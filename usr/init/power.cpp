#include "usr/init/power.hpp"

#include "usr/runtime/capability.hpp"

namespace skerry::init {
namespace {

void out(uint64_t port, uint32_t width, uint32_t value) {
    (void)runtime::PortsCap{}.out(static_cast<uint32_t>(port), width, value).ok();
}
uint64_t in(uint64_t port, uint32_t width) {
    auto value = runtime::PortsCap{}.in(static_cast<uint32_t>(port), width);
    return value.ok() ? *value : ~uint64_t{0};
}

}  // namespace

void power_off(const firmware::PowerControl* control) {
    // QEMU's exit device answers 0 where a machine without it answers all ones; the value says "in good order".
    constexpr uint32_t exit_port = 0xf4, exit_value = 0x10;
    if ((in(exit_port, 1) & 0xff) == 0) out(exit_port, 1, exit_value);
    if (control == nullptr || !control->off || control->hardware_reduced) return;
    constexpr uint32_t acpi_enabled = 1, sleep_enable = 1 << 13;
    auto ports = firmware::Register::Space::ports;
    if (control->pm1a_control.space != ports) return;
    if (control->smi_command != 0 && (in(control->pm1a_control.address, 2) & acpi_enabled) == 0) {
        out(control->smi_command, 1, control->enable_value);
        for (int spin = 0; spin < 100000 && !(in(control->pm1a_control.address, 2) & acpi_enabled); spin++) {
            runtime::yield();
        }
    }
    out(control->pm1a_control.address, 2, uint32_t{control->off->a} << 10 | sleep_enable);
    if (control->pm1b_control.present()) {
        out(control->pm1b_control.address, 2, uint32_t{control->off->b} << 10 | sleep_enable);
    }
}

void reboot(const firmware::PowerControl* control) {
    if (control != nullptr && control->reset.present() && control->reset.space == firmware::Register::Space::ports) {
        out(control->reset.address, 1, control->reset_value);
    }
    out(0xcf9, 1, 0x06);  // chipset reset
    out(0x64, 1, 0xfe);   // keyboard controller
}

}  // namespace skerry::init
