// peers CORE: what two programs can do to each other over a channel, against a partner on that core. The partner is this
// program, too, started with the argument `serve`.
#include "usr/test/peers/checks.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr;
using namespace skerry::usr::test::peers;
namespace monitor = urpc::monitor;

bool number_in(std::string_view text, uint32_t& value) {
    value = 0;
    for (char c : text) {
        if (c < '0' || c > '9' || value > 9999) return false;
        value = value * 10 + static_cast<uint32_t>(c - '0');
    }
    return !text.empty();
}

Status start_partner(console::Session& session, base::CoreId core, std::string_view service) {
    monitor::Spawn spawn{core, monitor::Name::cut("peers"), {}, monitor::spawn_flags::background};
    auto add = [&](std::string_view text) {
        for (char c : text) spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
        spawn.arguments.data[spawn.arguments.length++] = 0;
    };
    add("serve");
    add(service);
    return session.monitor.ask(spawn).error();
}

Status end_partner(World& world) {
    Peer peer(world.session);
    SKERRY_CHECK(peer.bind(world.service, patience));
    return peer.call(End{}).error();
}

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() == 2 && self.argument(0) == "serve") return serve(self, self.argument(1)).ok() ? 0 : 1;
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    uint32_t core = 0;
    if (self.argument_count() != 1 || !number_in(self.argument(0), core)) {
        session.console.write("usage: peers CORE\n");
        return session.finish(2);
    }
    auto write = [](void* to, std::string_view line) { static_cast<console::Session*>(to)->console.write(line); };
    test::Report report("peers", write, &session);
    World world{session, self, report, "peers", base::CoreId{core}};
    Status started = start_partner(session, world.core, world.service);
    report.equal("partner", started.error(), Error::none);
    if (started.ok()) {
        check_capabilities(world);
        report.equal("partner ends", end_partner(world).error(), Error::none);
    }
    return session.finish(report.finish());
}
