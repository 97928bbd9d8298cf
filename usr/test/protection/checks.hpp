// The parts of `protection`.
#pragma once

#include "usr/test/attempts.hpp"
#include "usr/test/report.hpp"

namespace skerry::usr::test {

void check_addresses(Report& report,
                     Attempts& attempts);                     // addresses.cpp: kernel's, own text, data, stack, heap
void check_mappings(Report& report, Attempts& attempts);      // mappings.cpp: what the driver refuses to map
void check_memory(Report& report, Attempts& attempts);        // mappings.cpp: memory comes clean
void check_instructions(Report& report, Attempts& attempts);  // instructions.cpp
void check_registers(Report& report, Attempts& attempts);     // registers.cpp

}  // namespace skerry::usr::test
