// The steps of the probe, in the order in which main.cpp takes them.
#pragma once

#include "capabilities/interface/boot_record.hpp"
#include "platform/machine.hpp"

namespace skerry::probe {

void try_control_bits();                                                                     // vectors.cpp
void try_vector_state(platform::Machine& machine);                                           // vectors.cpp
void walk_pages(const capabilities::BootRecord& record);                                     // page_walk.cpp
void try_kernel_memory(platform::Machine& machine, const capabilities::BootRecord& record);  // kernel_memory.cpp
void try_stacks(platform::Machine& machine);                                                 // stacks.cpp
[[noreturn]] void double_fault();                                                            // stacks.cpp

}  // namespace skerry::probe
