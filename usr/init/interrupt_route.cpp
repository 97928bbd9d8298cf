#include "usr/init/interrupt_route.hpp"

namespace skerry::init {

base::Status route_interrupt(DeviceMemory& memory, const firmware::Topology& machine, uint8_t source, bool by_level,
                             uint32_t index) {
    namespace mode = capabilities::interrupt_mode;
    uint64_t interrupt = source, flags = by_level ? mode::level_triggered : 0;
    for (const firmware::InterruptOverride& override : machine.overrides) {
        if (override.source != source) continue;
        interrupt = override.interrupt;
        flags |= (override.active_low ? mode::active_low : 0) | (override.level_triggered ? mode::level_triggered : 0);
    }
    for (const firmware::IoApic& controller : machine.io_apics) {
        if (interrupt < controller.first_interrupt) continue;
        uint64_t page = base::round_down(controller.address.value, base::page_size);
        runtime::Owned region = SKERRY_TRY(memory.region(page, page + base::page_size));
        base::Status routed = runtime::InterruptCap{}.route(index, region.ref(), controller.address.value - page,
                                                            (interrupt - controller.first_interrupt) | flags);
        if (routed.error() != base::Error::out_of_range) return routed;  // else another one's line
    }
    return base::Error::not_found;
}

}  // namespace skerry::init
