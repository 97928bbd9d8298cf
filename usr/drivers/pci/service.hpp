// The service `pci`: the only program that touches configuration space. It lists the devices, and hands each to the one
// program that may drive it: its ranges, and where its messages go.
#pragma once

#include "urpc/protocols/knowledge.hpp"
#include "urpc/protocols/pci.hpp"
#include "usr/console/bound.hpp"
#include "usr/console/port.hpp"
#include "usr/drivers/pci/scan.hpp"

namespace skerry::usr::pci {

namespace protocol = urpc::pci;
using base::Error;
using base::Result;
using base::Status;

// Configuration mechanism #1 (PCI Local Bus Specification 3.0, 3.2.2.3.2): an address port and a data port. All functions of
// the first 256 buses, 256 bytes each.
class PortSpace final : public ConfigSpace {
  public:
    static constexpr uint32_t first_port = 0xcf8, ports = 8;
    uint32_t read(Address at, uint32_t offset) override;
    void write(Address at, uint32_t offset, uint32_t value) override;

  private:
    runtime::PortsCap ports_;
};

class Service {
  public:
    static constexpr uint32_t clients_maximum = 8;

    // One client.
    class Client {
      public:
        Client(Service& service, const urpc::monitor::Incoming& who) : service_(service), client_(who.client) {}
        void leave() { service_.release_all(client_); }

        template <typename T>
        using Work = urpc::Task<Result<T>>;

        Result<protocol::Listed> operator()(const protocol::List& request) { return service_.list(request.index); }
        Work<protocol::Claimed> operator()(urpc::FramePool& pool, const protocol::Claim& request) {
            return claim(pool, *this, request);
        }
        Result<protocol::RangeGiven> operator()(const protocol::TakeRange& request);
        Result<protocol::MaskGiven> operator()(const protocol::TakeMask& request);
        Work<protocol::MessagesRouted> operator()(urpc::FramePool& pool, const protocol::RouteMessages& request) {
            return route(pool, *this, request);
        }
        Result<protocol::Silenced> operator()(const protocol::Silence& request);

      private:
        static Work<protocol::Claimed> claim(urpc::FramePool& pool, Client& client, protocol::Claim request);
        static Work<protocol::MessagesRouted> route(urpc::FramePool& pool, Client& client,
                                                    protocol::RouteMessages request);

        Service& service_;
        base::DomainId client_;
    };

    explicit Service(runtime::Program& self);
    // Never returns unless nobody can be served. Errors: those of the registration.
    Status serve();

  private:
    struct Claim {
        const Function* function = nullptr;  // null = free
        base::DomainId driver;
        std::array<runtime::Owned, 6> range;  // what was handed out; copies are with the driver
        runtime::Owned configuration;         // likewise
    };
    using Port = console::Port<protocol::Protocol, Service, clients_maximum>;

    Status tell();
    Result<protocol::Listed> list(uint32_t index) const;
    // The device if it is that program's.
    Claim* claim_of(base::DomainId driver, uint32_t function);
    Result<runtime::CapRef> range_of(Claim& claim, uint32_t bar);
    // The page of its configuration. Errors: unsupported (configuration space is not memory).
    Result<runtime::CapRef> configuration_of(Claim& claim);
    // What its vector must be masked by before it may send; all 0 if it cannot be.
    Result<runtime::InterruptCap::Mask> mask_of(Claim& claim);
    void release(Claim& claim);
    void release_all(base::DomainId driver);

    runtime::Program& self_;
    PortSpace space_;
    Inventory inventory_;
    std::array<Claim, 16> claims_;
    Port port_;
    urpc::Event told_{port_.loop().set().ready()};  // the knowledge base knows the devices, or there is none
};

}  // namespace skerry::usr::pci
