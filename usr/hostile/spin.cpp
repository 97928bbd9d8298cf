// Never gives up the core of its own will.
#include "usr/runtime/program.hpp"

int program_main(skerry::runtime::Program&) {
    for (volatile uint64_t turns = 0;;) turns = turns + 1;
}
