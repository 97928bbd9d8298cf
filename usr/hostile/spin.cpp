// Never gives up the core of its own will. It pauses: an emulator with one thread for all cores would let it run for a
// tenth of a second at a time.
#include "platform/user/context.hpp"
#include "usr/runtime/program.hpp"

int program_main(skerry::runtime::Program&) {
    for (volatile uint64_t turns = 0;;) {
        turns = turns + 1;
        skerry::platform::pause();
    }
}
