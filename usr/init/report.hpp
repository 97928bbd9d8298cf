// One line on the serial port, before the console service owns it: what is wrong with this machine or this archive.
#pragma once

#include <string_view>

namespace skerry::init {

void report(std::string_view line);

}  // namespace skerry::init
