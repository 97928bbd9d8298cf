#include "usr/drivers/pci/service.hpp"

#include "usr/drivers/pci/drivers.hpp"

namespace skerry::usr::pci {

using runtime::CapRef;
using runtime::Owned;
namespace monitor = urpc::monitor;
using capabilities::Rights;

uint32_t PortSpace::read(Address at, uint32_t offset) {
    constexpr uint32_t enable = uint32_t{1} << 31;
    if (!ports_.out(first_port, 4, enable | at.number() << 8 | (offset & 0xfc)).ok()) return ~uint32_t{0};
    auto value = ports_.in(first_port + 4, 4);
    return value.ok() ? static_cast<uint32_t>(*value) : ~uint32_t{0};
}
void PortSpace::write(Address at, uint32_t offset, uint32_t value) {
    constexpr uint32_t enable = uint32_t{1} << 31;
    if (!ports_.out(first_port, 4, enable | at.number() << 8 | (offset & 0xfc)).ok()) return;
    (void)ports_.out(first_port + 4, 4, value).ok();
}

Service::Service(runtime::Program& self) : self_(self), port_(self, *this) {}

Status Service::serve() {
    inventory_.scan(space_);
    SKERRY_CHECK(port_.open(protocol::service_name));
    (void)tell().ok();  // without a knowledge base nobody asks for routes
    told_.set();
    return port_.serve([] { return false; });
}

// pci(Bus, Device, Function, Vendor, Id, Class), and interrupt(Source, Kind, Route) of those that have one (skb/facts.pl).
Status Service::tell() {
    namespace knowledge = urpc::knowledge;
    constexpr uint64_t patience = 20'000'000'000;  // ns
    console::Bound<knowledge::Protocol, Port> skb(port_);
    SKERRY_CHECK(skb.bind("skb", patience));
    for (const Function& f : inventory_.functions()) {
        base::Buffer<200> facts;
        facts << "pci(" << uint32_t{f.at.bus} << ", " << uint32_t{f.at.device} << ", " << uint32_t{f.at.function}
              << ", " << uint32_t{f.vendor} << ", " << uint32_t{f.id} << ", " << f.class_code << "). ";
        bool line = f.pin != 0 && f.line != 255;
        if (f.message != 0 || line) {
            facts << "interrupt(" << f.at.number() << ", " << (f.message != 0 ? "message" : "line") << ", "
                  << (f.message != 0 ? 0u : uint32_t{f.line}) << ").";
        }
        knowledge::Tell request{};
        request.facts = decltype(request.facts)::cut(facts.view());
        Result<knowledge::Told> told = skb.call(request);
        while (told.error() == Error::again) {  // its own facts come first
            constexpr uint64_t while_ns = 20'000'000;
            self_.dispatcher.sleep_until(self_.dispatcher.now() + while_ns);
            told = skb.call(request);
        }
        if (!told.ok()) return told.error();
        if (told->error != Error::none) return told->error;
    }
    return {};
}

Result<protocol::Listed> Service::list(uint32_t index) const {
    if (index >= inventory_.functions().size()) return Error::out_of_range;
    const Function& f = inventory_.functions()[index];
    protocol::Listed answer{.function = f.at.number(),
                            .vendor = f.vendor,
                            .id = f.id,
                            .class_code = f.class_code,
                            .line = f.pin == 0 ? 255u : f.line,
                            .bridge = f.header == config::header_bridge,
                            .message = f.message != 0,
                            .messages = f.messages != 0,
                            .driver = {},
                            .range = {},
                            .omitted = inventory_.omitted(),
                            .refused = inventory_.refused()};
    for (uint32_t i = 0; i < f.bar.size(); i++) {
        answer.range[i] = {static_cast<protocol::RangeKind>(f.bar[i].kind), f.bar[i].base, f.bar[i].bytes};
    }
    for (const Claim& claim : claims_) {
        if (claim.function == &f) answer.driver = claim.driver;
    }
    return answer;
}

Service::Claim* Service::claim_of(base::DomainId driver, uint32_t function) {
    for (Claim& claim : claims_) {
        if (claim.function == nullptr || claim.driver != driver) continue;
        if (claim.function->at.number() == function) return &claim;
    }
    return nullptr;
}

// Made when it is first asked for, out of what init gave us.
Result<CapRef> Service::range_of(Claim& claim, uint32_t bar) {
    if (bar >= claim.range.size()) return Error::out_of_range;
    const Bar& wanted = claim.function->bar[bar];
    if (wanted.kind == Bar::Kind::none) return Error::out_of_range;
    if (wanted.kind != Bar::Kind::memory) return Error::unsupported;
    if (wanted.base % base::page_size != 0 || wanted.bytes % base::page_size != 0) return Error::misaligned;
    if (!inventory_.alone(*claim.function, wanted.base, wanted.end())) return Error::misaligned;
    if (claim.range[bar]) return claim.range[bar].ref();
    for (CapRef window : {protocol::low_window, protocol::high_window}) {
        auto held = runtime::CNodeCap{}.identify(window);
        if (!held.ok() || held->empty() || wanted.base < held->base || wanted.end() > held->end()) continue;
        Owned made = SKERRY_TRY(Owned::empty(self_.slots));
        SKERRY_CHECK(runtime::CNodeCap{}.retype(made.ref(), window, capabilities::Type::device_memory, 0,
                                                wanted.base - held->base, wanted.bytes));
        claim.range[bar] = std::move(made);
        return claim.range[bar].ref();
    }
    return Error::not_found;
}

Result<CapRef> Service::configuration_of(Claim& claim) {
    if (claim.configuration) return claim.configuration.ref();
    auto held = runtime::CNodeCap{}.identify(protocol::configuration_window);
    uint64_t offset = uint64_t{claim.function->at.number()} * base::page_size;
    if (!held.ok() || held->empty() || offset >= held->size) return Error::unsupported;
    Owned made = SKERRY_TRY(Owned::empty(self_.slots));
    SKERRY_CHECK(runtime::CNodeCap{}.retype(made.ref(), protocol::configuration_window,
                                            capabilities::Type::device_memory, 0, offset, base::page_size));
    claim.configuration = std::move(made);
    return claim.configuration.ref();
}

Result<runtime::InterruptCap::Mask> Service::mask_of(Claim& claim) {
    auto page = configuration_of(claim);
    if (page.error() == Error::unsupported) return runtime::InterruptCap::Mask{};
    CapRef ref = SKERRY_TRY(std::move(page));
    auto held = SKERRY_TRY(runtime::CNodeCap{}.identify(ref));
    Mask mask = SKERRY_TRY(message_mask(space_, *claim.function));
    return runtime::InterruptCap::Mask{held.base + mask.offset, mask.mode()};
}

// Silent first; then nobody has its registers; only then may it be claimed again.
void Service::release(Claim& claim) {
    silence(space_, *claim.function);
    auto take_back = [&](Owned& given) {
        if (!given) return;
        (void)port_.monitor().ask(monitor::Revoke{given.ref().word}).ok();
        given.reset();
    };
    for (Owned& range : claim.range) take_back(range);
    take_back(claim.configuration);
    claim = {};
}

void Service::release_all(base::DomainId driver) {
    for (Claim& claim : claims_) {
        if (claim.function != nullptr && claim.driver == driver) release(claim);
    }
}

// The name that its monitor started it by says which program of the boot archive it is. A driver that has its device goes on to
// ask the knowledge base for its core, which must know the device by then.
Service::Client::Work<protocol::Claimed> Service::Client::claim(urpc::FramePool&, Client& c, protocol::Claim request) {
    Service& s = c.service_;
    auto told = s.told_.wait();
    co_await told;
    monitor::NextDomain question{base::core_of(c.client_), base::DomainId{c.client_.value - 1}};
    auto asking = s.port_.monitor().peer().call(question);
    auto asker = co_await asking;
    if (!asker.ok()) co_return asker.error();
    if (asker->domain != c.client_ || !may_drive(asker->name.view(), request.vendor, request.id)) {
        co_return Error::refused;
    }
    Error error = Error::not_found;
    for (const Function& f : s.inventory_.functions()) {
        if (f.vendor != request.vendor || f.id != request.id || f.header != config::header_usual) continue;
        Service::Claim* place = nullptr;
        bool taken = false;
        for (Service::Claim& claim : s.claims_) {
            taken |= claim.function == &f;
            if (claim.function == nullptr) place = &claim;
        }
        error = taken ? Error::busy : place == nullptr ? Error::full : Error::none;
        if (error != Error::none) continue;
        place->function = &f;
        place->driver = c.client_;
        co_return protocol::Claimed{f.at.number()};
    }
    co_return error;
}

Result<protocol::RangeGiven> Service::Client::operator()(const protocol::TakeRange& request) {
    Service::Claim* claim = service_.claim_of(client_, request.function);
    if (claim == nullptr) return Error::refused;
    CapRef region = SKERRY_TRY(service_.range_of(*claim, request.bar));
    constexpr auto rights = static_cast<uint8_t>(Rights::read | Rights::write | Rights::transfer);
    return protocol::RangeGiven{urpc::Capability::copy_of(region.word, rights),
                                claim->function->bar[request.bar].bytes};
}

Result<protocol::MaskGiven> Service::Client::operator()(const protocol::TakeMask& request) {
    Service::Claim* claim = service_.claim_of(client_, request.function);
    if (claim == nullptr) return Error::refused;
    CapRef page = SKERRY_TRY(service_.configuration_of(*claim));
    Mask mask = SKERRY_TRY(message_mask(service_.space_, *claim->function));
    return protocol::MaskGiven{urpc::Capability::copy_of(page.word, static_cast<uint8_t>(Rights::control)), mask.offset,
                               mask.mode()};
}

Service::Client::Work<protocol::MessagesRouted> Service::Client::route(urpc::FramePool&, Client& c,
                                                                       protocol::RouteMessages request) {
    Service& s = c.service_;
    auto asking = s.port_.monitor().peer().call(monitor::FindInterrupt{request.core, request.vector});
    auto holder = co_await asking;
    if (!holder.ok()) co_return holder.error();
    Service::Claim* claim = s.claim_of(c.client_, request.function);
    // A program on several cores would be another domain on each: the asker itself must hold it.
    if (claim == nullptr || holder->domain != c.client_) co_return Error::refused;
    auto wanted = s.mask_of(*claim);
    if (!wanted.ok()) co_return wanted.error();
    if (runtime::InterruptCap::Mask{holder->mask_address, holder->mask_bits} != *wanted) co_return Error::refused;
    // Intel SDM volume 3, 11.11: to one processor by its physical id, fixed delivery, edge.
    uint64_t address = 0xfee0'0000 | holder->hardware.value << 12;
    if (holder->hardware.value > 254) co_return Error::unsupported;
    Status sent = send_messages(s.space_, *claim->function, address, static_cast<uint16_t>(request.vector));
    if (!sent.ok()) co_return sent.error();
    co_return protocol::MessagesRouted{};
}

Result<protocol::Silenced> Service::Client::operator()(const protocol::Silence& request) {
    Service::Claim* claim = service_.claim_of(client_, request.function);
    if (claim == nullptr) return Error::refused;
    silence(service_.space_, *claim->function);
    return protocol::Silenced{};
}

}  // namespace skerry::usr::pci
