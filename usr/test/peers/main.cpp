// peers CORE [VISITS]: what two programs can do to each other over a channel, against a partner on that core. The partner
// is this program, too, started with the argument `serve`. peers lose CORE OTHER: see losing.cpp.
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

Result<monitor::Spawned> start_partner(console::Session& session, base::CoreId core, std::string_view service) {
    return session.monitor.ask(spawn_order(core, "serve", service));
}

// Until it is gone, and its name: the next `peers` starts another one.
Status end_partner(World& world, base::DomainId partner) {
    {
        Peer peer(world.session);
        SKERRY_CHECK(peer.bind(world.service, patience));
        SKERRY_CHECK(peer.call(End{}));
    }
    auto ended = SKERRY_TRY(end_of(world, partner));
    return ended.status == 0 ? Status{} : Status{Error::closed};
}

void write(void* to, std::string_view line) {
    static_cast<console::Session*>(to)->console.write(line);
}

int lose_partner(console::Session& session, runtime::Program& self, base::CoreId core, base::CoreId third) {
    test::Report report("peers", write, &session);
    World world{session, self, report, "peers", core};
    check_losing(world, third);
    return session.finish(report.finish());
}

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() == 2 && self.argument(0) == "serve") return serve(self, self.argument(1)).ok() ? 0 : 1;
    if (self.argument_count() == 2 && self.argument(0) == "visit") return visit_and_die(self, self.argument(1));
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    uint32_t core = 0, third = 0;
    uint32_t visits = 100;
    uint32_t count = self.argument_count();
    bool lose = count == 3 && self.argument(0) == "lose" && number_in(self.argument(1), core) &&
                number_in(self.argument(2), third);
    if (lose) return lose_partner(session, self, base::CoreId{core}, base::CoreId{third});
    if (count < 1 || count > 2 || !number_in(self.argument(0), core) ||
        (count == 2 && !number_in(self.argument(1), visits))) {
        session.console.write("usage: peers CORE [VISITS] | lose CORE OTHER\n");
        return session.finish(2);
    }
    test::Report report("peers", write, &session);
    World world{session, self, report, "peers", base::CoreId{core}};
    auto started = start_partner(session, world.core, world.service);
    report.equal("partner", started.error(), Error::none);
    if (started.ok()) {
        check_capabilities(world);
        check_large_messages(world);
        check_sharing(world);
        check_coming_and_going(world, visits);
        report.equal("partner ends", end_partner(world, started->domain).error(), Error::none);
    }
    return session.finish(report.finish());
}
