// GDT, IDT and TSS of one core: they lie in its image and are its own.
#pragma once

namespace skerry::platform {

// Loads all three and the SYSCALL registers. Non-maskable interrupt, machine check and double fault get stacks of
// their own (IST 1 to 3).
void load_descriptors();

}  // namespace skerry::platform
