// Faults inside its own upcall, where no further upcall can tell it: the CPU driver must end it, and say so.
#include "usr/runtime/program.hpp"

namespace {

void fault(void*, const skerry::runtime::Message&) {
    volatile uintptr_t address = 0x20;  // volatile: the compiler must not know that nothing is there
    auto* nowhere = reinterpret_cast<volatile uint64_t*>(address);
    *nowhere = 1;
}

}  // namespace

int program_main(skerry::runtime::Program& self) {
    using namespace skerry;
    if (!self.dispatcher.on_message(0, &fault, nullptr).ok()) return 1;
    uint64_t words[10] = {};
    auto sent = runtime::send(capabilities::well_known::self_endpoint, capabilities::SendHeader::words(1), words);
    if (!sent.ok()) return 1;
    (void)self.dispatcher.wait_until([] { return false; }, self.dispatcher.now() + 1'000'000'000).ok();
    return 1;  // the message never came
}
