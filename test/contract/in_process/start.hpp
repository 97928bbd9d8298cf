// The suite on a core of a machine that is a process: what that core runs, and on what.
#pragma once

#include "platforms/hosted/machine_shape.hpp"

namespace skerry::contract_test {

hosted::MachineShape shape();  // one core

}  // namespace skerry::contract_test
