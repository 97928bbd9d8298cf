#include "usr/drivers/edu/storm.hpp"

#include "usr/console/port.hpp"
#include "usr/drivers/edu/hold.hpp"
#include "usr/records/client.hpp"

namespace skerry::usr::edu {

// Between the program and its partner.
struct Raised {
    uint64_t times;
};
struct Raise {  // answered when it is over
    using Response = Raised;
    urpc::Capability region;
    uint64_t ns;
};
using StormProtocol = urpc::Protocol<Raise, Raised>;

namespace {

constexpr std::string_view partner_name = "edu.storm";
constexpr uint64_t patience = 5'000'000'000, ms_in_ns = 1'000'000;
constexpr uint32_t cause = 0x10;  // any bit that the device itself does not use

struct Partner {
    runtime::Program& self;
    bool done = false;

    Result<Raised> operator()(const Raise& request) {
        using namespace capabilities::map_flags;
        auto at =
            self.space().map_anywhere(runtime::CapRef{request.region.slot}, 0, range_bytes, read | write | device);
        done = true;
        if (!at.ok()) return at.error();
        Device target(*at);
        Raised raised{};
        uint64_t end = self.dispatcher.now() + request.ns;
        for (; self.dispatcher.now() < end; raised.times++) {
            target.raise(cause);
            platform::pause();
        }
        return raised;
    }
};

}  // namespace

int raise(runtime::Program& self) {
    struct World {
        explicit World(runtime::Program& program) : partner{program}, port(program, partner) {}
        Partner partner;
        console::Port<StormProtocol, Partner, 1> port;
    };
    auto& world = *new (platform::static_storage<World>()) World(self);
    if (!world.port.open(partner_name).ok()) return 1;
    auto over = [&] { return world.partner.done && world.port.clients() == 0; };
    return world.port.serve(over).ok() ? 0 : 1;
}

int storm(console::Session& session, base::CoreId partner, uint64_t ms, bool deaf) {
    namespace monitor = urpc::monitor;
    auto failed = [&](std::string_view what, Error error) {
        base::Buffer<120> text;
        text << "edu: " << what << ": " << base::text(error) << '\n';
        session.console.write(text.view());
        return session.finish(1);
    };
    Hold hold(session);
    Status held = hold.take(patience);
    if (held.ok()) held = hold.listen();
    if (!held.ok()) return failed("cannot have the device", held.error());
    monitor::Spawn spawn{partner, monitor::Name::cut("edu"), {}, monitor::spawn_flags::background};
    for (char c : std::string_view("raise", 6))
        spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
    auto spawned = session.monitor.ask(spawn);
    if (!spawned.ok()) return failed("no partner", spawned.error());
    console::Bound<StormProtocol> peer(session);
    Status bound = peer.bind(partner_name, patience);
    if (!bound.ok()) return failed("no partner", bound.error());

    records::Records told(session);
    Status known = told.open();
    if (!known.ok()) return failed("no records", known.error());
    console::Pending<Raised> raised;
    session.loop.start(peer.caller(), Raise{urpc::Capability::copy_of(hold.region().word), ms * ms_in_ns}, raised);
    constexpr uint64_t some = 100;
    uint64_t taken = 0, acknowledged = 0;
    auto look = [&] {
        if (deaf && taken >= some) return raised.done;
        uint64_t now = hold.acknowledge();
        if (now != taken) taken = now, acknowledged++;
        return raised.done;
    };
    (void)session.loop.program().dispatcher.wait_until([&] { return look() || taken >= some; }).ok();
    (void)told.set("storm").ok();  // for whoever waits for it
    (void)session.loop.program().dispatcher.wait_until(look).ok();
    taken = hold.acknowledge();
    hold.silence();
    hold.device().clear(hold.device().causes());
    if (!raised.result.ok()) return failed("the partner", raised.result.error());
    base::Buffer<160> text;
    text << "edu: raised " << raised.result->times << ", taken " << taken << ", served " << acknowledged << '\n';
    session.console.write(text.view());
    int status = session.finish(taken != 0 ? 0 : 1);
    (void)told.erase("storm").ok();  // what was said can be read by then
    return status;
}

}  // namespace skerry::usr::edu
