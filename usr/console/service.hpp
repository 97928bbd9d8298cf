// The console service: the only program that touches the serial line.
//
//   programs  --ring--> Client \                                      / Client --ring--> holder of the focus
//             --ring--> Client  > round robin --> Uart16550 --> Focus <
//             --ring--> Client /    (bounded)       ^   wire          (bounded: input waits in the chip's
//             driver)
//                                                   | interrupt = a poke
#pragma once

#include <array>
#include <optional>

#include "platforms/devices/uart16550.hpp"
#include "usr/console/client.hpp"
#include "usr/console/focus.hpp"

namespace skerry::usr::console {

// The registers through a ports capability. Failed reads look like an empty bus.
struct SerialPorts {
    runtime::PortsCap ports;
    uint32_t base = 0x3f8;
    uint8_t read(uint32_t reg) {
        auto value = ports.in(base + reg, 1);
        return value.ok() ? static_cast<uint8_t>(*value) : uint8_t{0xff};
    }
    void write(uint32_t reg, uint8_t value) { (void)ports.out(base + reg, 1, value).ok(); }
};

class Service final : public Switchboard, public MonitorEvents, public urpc::Polled {
  public:
    static constexpr uint32_t clients_maximum = 64;

    explicit Service(runtime::Program& self) : loop_(self), monitor_(loop_, *this) {}

    // Errors: not_found (no serial port), those of the registration.
    Status start();
    // Never returns.
    void serve();

    bool room_for(size_t bytes) override { return uart_.room() >= bytes; }
    void transmit(std::span<const uint8_t> bytes) override;
    uint64_t accepted() const override { return uart_.accepted(); }
    uint64_t on_wire() const override { return uart_.on_wire(); }
    Status take_focus(Client& client) override { return focus_.take(index(client)); }
    Status lend_focus(Client& client, base::DomainId to) override;
    void leave_focus(Client& client) override { focus_.leave(index(client)); }
    Status start_drain(Client& asker, base::DomainId of) override;
    bool drained(Client& asker, base::DomainId of) override;

    Error incoming(const urpc::monitor::Incoming& message) override;
    bool gone(uint64_t channel) override;

    size_t poll() override;  // the serial line
    bool prepare_to_block() override;
    void cancel_block() override {}

  private:
    uint32_t index(const Client& client) const;
    std::optional<Client>* find(base::DomainId domain);
    bool pass_input();
    void tell_violation(const Client& client);
    void let_go();

    Loop loop_;
    MonitorLink monitor_;
    SerialPorts ports_;
    platforms::Uart16550<SerialPorts> uart_{ports_};
    bool has_interrupt_ = false;
    Focus focus_;
    std::array<std::optional<Client>, clients_maximum> clients_;
    char typed_[urpc::console::input_bytes] = {};  // taken from the driver, not yet passed on
    size_t typed_count_ = 0;
};

}  // namespace skerry::usr::console
