#include "boot/agreed_time.hpp"

#include "platform/instructions.hpp"
#include "platform/machine.hpp"
#include "platforms/base/words.hpp"
#include "trap/descriptors.hpp"
#include "trap/panic.hpp"

namespace skerry::platform {
namespace {

[[gnu::naked]] void only_return() {
    asm volatile("iretq");
}

}  // namespace

// A core that halts wakes at the very tick of its timer; one that looks at the counter in a loop, some instructions late.
void wait_for_agreed_time(Machine& machine, std::string_view loader_line) {
    auto until = base::number_after(loader_line, "start=");
    if (until.error() == base::Error::not_found) return;
    if (!until.ok()) panic("start= wants a number of cycles");
    if (*until <= read_cycles()) panic("start=: the loader took longer than that");
    set_handler(vector_timer, reinterpret_cast<uint64_t>(&only_return));
    machine.halt_until(*until);
    load_descriptors();
}

}  // namespace skerry::platform
