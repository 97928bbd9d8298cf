// edu [COUNT [quiet]]: computes COUNT factorials (10 without it) by the device, one after another, and says who did.
// edu serve, edu drive: the service and its driver, which it starts itself.
// edu storm CORE MS [deaf], edu raise: storm.hpp.
#include "usr/console/bound.hpp"
#include "usr/drivers/edu/driver.hpp"
#include "usr/drivers/edu/service.hpp"
#include "usr/drivers/edu/storm.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr::edu;
namespace console = usr::console;
namespace monitor = urpc::monitor;

int complain(console::Session& session, std::string_view what, Error error) {
    base::Buffer<120> text;
    text << "edu: " << what << ": " << base::text(error) << '\n';
    session.console.write(text.view());
    return session.finish(1);
}

// A decimal number below 1,000,000; 0 is none.
uint32_t number(std::string_view text) {
    uint32_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9' || text.size() > 6) return 0;
        value = value * 10 + static_cast<uint32_t>(c - '0');
    }
    return value;
}

// The service is started when it is first wanted.
Status bind(console::Session& session, console::Bound<Protocol>& service) {
    Status bound = service.bind(service_name, 0);
    if (bound.error() != Error::timed_out) return bound;
    monitor::Spawn spawn{
        session.loop.program().core(), monitor::Name::cut("edu"), {}, monitor::spawn_flags::background};
    for (char c : std::string_view("serve", 6))
        spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
    SKERRY_CHECK(session.monitor.ask(spawn));
    constexpr uint64_t patience = 5'000'000'000;  // ns
    return service.bind(service_name, patience);
}

void tell(console::Session& session, const Told& told) {
    base::Buffer<200> text;
    text << "edu: asked " << told.asked << ", ended by interrupt " << told.interrupted << ", found ended " << told.found
         << ", lost " << told.lost << ", moves " << told.moves << '\n';
    session.console.write(text.view());
}

int compute(console::Session& session, uint32_t count, bool quiet) {
    console::Bound<Protocol> service(session);
    Status bound = bind(session, service);
    if (!bound.ok()) return complain(session, "no service", bound.error());
    uint32_t wrong = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t n = i % (largest + 1), right = 1;
        for (uint32_t k = 2; k <= n; k++) right *= k;
        auto computed = service.call(Compute{n});
        if (computed.error() == Error::not_found)
            return complain(session, "no such device in this machine", Error::not_found);
        if (!computed.ok()) return complain(session, "no driver", computed.error());
        wrong += computed->value != right;
        if (quiet) continue;
        base::Buffer<80> text;
        text << n << "! = " << computed->value << " on core " << computed->core << '\n';
        session.console.write(text.view());
    }
    auto told = service.call(Tell{});
    if (told.ok()) tell(session, *told);
    if (wrong != 0) session.console.write("edu: wrong results\n");
    return session.finish(wrong == 0 && told.ok() && told->lost == 0 ? 0 : 1);
}

}  // namespace

int program_main(runtime::Program& self) {
    std::string_view role = self.argument_count() > 0 ? self.argument(0) : std::string_view{};
    if (role == "serve") {
        auto& service = *new (platform::static_storage<Service>()) Service(self);
        return service.serve().ok() ? 0 : 1;
    }
    if (role == "raise") return raise(self);
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    if (role == "storm" && self.argument_count() >= 3) {
        bool deaf = self.argument_count() > 3 && self.argument(3) == "deaf";
        return storm(session, base::CoreId{number(self.argument(1))}, number(self.argument(2)), deaf);
    }
    if (role == "drive") return drive(session);
    uint32_t count = role.empty() ? 10 : number(role);
    bool quiet = self.argument_count() > 1 && self.argument(1) == "quiet";
    if (count == 0 || self.argument_count() > 2) {
        session.console.write("usage: edu [COUNT [quiet]], or edu storm CORE MS [deaf]\n");
        return session.finish(2);
    }
    return compute(session, count, quiet);
}
