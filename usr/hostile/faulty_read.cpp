// Reads where nothing is: ends with one line at the shell, and nobody else notices.
#include "usr/runtime/program.hpp"

int program_main(skerry::runtime::Program&) {
    volatile uintptr_t address = 0x10;  // volatile: the compiler must not know that nothing is there
    auto* nowhere = reinterpret_cast<const volatile uint64_t*>(address);
    return static_cast<int>(*nowhere & 1);
}
