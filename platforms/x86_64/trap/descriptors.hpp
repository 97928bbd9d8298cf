// GDT, IDT and TSS of one core: they lie in its image and are its own.
#pragma once

#include <cstdint>

namespace skerry::platform {

// Loads all three and the SYSCALL registers. Non-maskable interrupt, machine check and double fault get stacks of
// their own (IST 1 to 3).
void load_descriptors();
// Another handler for one vector, until the descriptors are loaded anew.
void set_handler(uint32_t vector, uint64_t handler);

}  // namespace skerry::platform
