#include "usr/drivers/edu/hold.hpp"

#include "urpc/protocols/monitor.hpp"

namespace skerry::usr::edu {

namespace protocol = urpc::pci;
using runtime::CapRef;

Status Hold::claim(uint64_t deadline) {
    runtime::Dispatcher& dispatcher = session_.loop.program().dispatcher;
    for (;;) {
        auto claimed = pci_.call(protocol::Claim{vendor, id});
        if (claimed.ok()) function_ = claimed->function;
        if (claimed.error() != Error::busy || dispatcher.now() >= deadline) return claimed.error();
        dispatcher.sleep_until(dispatcher.now() + 1'000'000);
    }
}

Status Hold::take(uint64_t patience_ns) {
    runtime::Program& self = session_.loop.program();
    SKERRY_CHECK(pci_.bind(protocol::service_name, patience_ns));
    SKERRY_CHECK(claim(self.dispatcher.now() + patience_ns));
    auto range = SKERRY_TRY(pci_.call(protocol::TakeRange{function_, 0}));
    region_ = CapRef{range.region.slot};
    if (range.bytes != range_bytes) return Error::corrupt;
    using namespace capabilities::map_flags;
    uint64_t at =
        SKERRY_TRY(self.space().map_anywhere(region_, 0, range_bytes, read | write | capabilities::map_flags::device));
    device_.emplace(at);
    return device_->known() && device_->alive() ? Status{} : Status{Error::corrupt};
}

Status Hold::listen() {
    runtime::Program& self = session_.loop.program();
    line_.ref = SKERRY_TRY(self.slots.allocate());
    auto vector = SKERRY_TRY(session_.monitor.ask(urpc::monitor::TakeInterrupt{line_.ref.word}));
    SKERRY_CHECK(line_.connect(0, capabilities::well_known::dispatcher));
    auto mask = pci_.call(protocol::TakeMask{function_});
    if (mask.ok()) {
        SKERRY_CHECK(line_.mask_by(0, CapRef{mask->page.slot}, mask->offset, mask->bits));
    } else if (mask.error() != Error::unsupported) {
        return mask.error();
    }
    return pci_.call(protocol::RouteMessages{function_, self.core(), vector.vector}).error();
}

void Hold::silence() {
    (void)pci_.call(protocol::Silence{function_}).ok();
    (void)acknowledge();
    (void)line_.disconnect(0).ok();
}

uint64_t Hold::acknowledge() {
    auto taken = line_.acknowledge(0);
    if (taken.ok()) taken_ = *taken;
    return taken_;
}

}  // namespace skerry::usr::edu
