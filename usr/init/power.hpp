// Switching the machine off and starting it anew: what ACPI says, and what emulators and old machines offer.
#pragma once

#include "platforms/firmware/power.hpp"

namespace skerry::init {

void power_off(const firmware::PowerControl* control);
void reboot(const firmware::PowerControl* control);

}  // namespace skerry::init
