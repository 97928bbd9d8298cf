// What the suite's traps leave for the glue.
#pragma once

#include "test/contract/glue.hpp"

namespace skerry::contract_test {

Interrupt take_interrupt();      // the last one since it was asked, if any
void catch_next_fault(bool on);  // a fault of the driver goes to skerry_attempt's landing

// start.cpp
platform::Machine& this_machine();

}  // namespace skerry::contract_test
