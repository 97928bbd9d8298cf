// The device in a driver's hands: claimed, its registers mapped, its message routed to this core.
#pragma once

#include "urpc/protocols/pci.hpp"
#include "usr/console/bound.hpp"
#include "usr/drivers/edu/device.hpp"

namespace skerry::usr::edu {

using base::Error;
using base::Result;
using base::Status;

class Hold {
  public:
    explicit Hold(console::Session& session) : session_(session), pci_(session) {}

    // Claims it, as soon as its last driver's registers were taken back: at most `patience_ns`. Errors: those of
    // urpc/protocols/pci.hpp, corrupt (it does not behave like one).
    Status take(uint64_t patience_ns);
    // Its messages come to this core. Errors: those of TakeInterrupt, connect and RouteMessages.
    Status listen();
    // It sends nothing any more, and nothing is taken here.
    void silence();

    const Device& device() const { return *device_; }
    // Interrupts that the core has taken since listen(); the next one is passed on.
    uint64_t acknowledge();
    runtime::CapRef region() const { return region_; }
    uint32_t source() const { return function_; }

  private:
    Status claim(uint64_t deadline);

    console::Session& session_;
    console::Bound<urpc::pci::Protocol> pci_;
    std::optional<Device> device_;
    runtime::CapRef region_;
    runtime::InterruptCap line_{};
    uint32_t function_ = 0;
    uint64_t taken_ = 0;
};

}  // namespace skerry::usr::edu
