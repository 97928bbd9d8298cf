// everywhere: starts a partner on every core, all at once; then binds to each by name in turn, asks it where it is, and
// leaves. The partner is this program, too, started with the argument `serve`; it ends when its client has left.
#include "usr/console/bound.hpp"
#include "usr/console/port.hpp"
#include "usr/test/report.hpp"

namespace skerry::usr::test::everywhere {

using base::Error;
using base::Result;
using base::Status;
namespace monitor = urpc::monitor;

struct Here {
    uint64_t value;
    base::CoreId core;
};
struct Where {
    using Response = Here;
    uint64_t value;
};
using Protocol = urpc::Protocol<Where, Here>;

constexpr uint64_t patience = 60'000'000'000;  // ns
// Hundreds start before the first is asked: on one host core that took minutes for 255.
constexpr uint64_t partner_patience = 1'800'000'000'000;  // ns

struct Name : base::Buffer<32> {
    explicit Name(base::CoreId core) { *this << "everywhere." << core; }
};

struct Partner {
    base::CoreId core;
    Result<Here> operator()(const Where& message) { return Here{message.value + 1, core}; }
};

Status serve(runtime::Program& self) {
    struct World {
        explicit World(runtime::Program& program) : partner{program.core()}, port(program, partner) {}
        Partner partner;
        console::Port<Protocol, Partner, 1> port;
    };
    alignas(World) static constinit std::byte storage[sizeof(World)]{};
    auto& world = *new (storage) World(self);
    Name name(self.core());
    SKERRY_CHECK(world.port.open(name.view()));
    auto done = [&] { return world.port.served() != 0 && world.port.clients() == 0; };
    return world.port.serve(done, self.dispatcher.now() + partner_patience);
}

Status start_partner(console::Session& session, base::CoreId core) {
    monitor::Spawn spawn{core, monitor::Name::cut("everywhere"), {}, monitor::spawn_flags::background};
    for (char c : std::string_view("serve\0", 6))
        spawn.arguments.data[spawn.arguments.length++] = static_cast<uint8_t>(c);
    return session.monitor.ask(spawn).error();
}

Status ask_partner(console::Session& session, base::CoreId core) {
    console::Bound<Protocol> peer(session);
    Name name(core);
    SKERRY_CHECK(peer.bind(name.view(), patience));
    Here here = SKERRY_TRY(peer.call(Where{core.value}));
    return here.core == core && here.value == uint64_t{core.value} + 1 ? Status{} : Error::corrupt;
}

Result<uint32_t> count_cores(console::Session& session) {
    auto own = SKERRY_TRY(session.monitor.ask(monitor::CoreStatus{session.loop.program().core()}));
    return own.core_count;
}

// Does it on every core; each that fails is a line.
template <typename Action>
void on_all(test::Report& report, uint32_t cores, std::string_view what, Action&& action) {
    uint32_t failures = report.failures();
    for (uint32_t i = 0; i < cores; ++i) {
        Status done = action(base::CoreId{i});
        if (done.ok()) continue;
        base::Buffer<48> name;
        name << what << " core " << i;
        report.check(name.view(), false, base::text(done.error()));
    }
    base::Buffer<48> name;
    name << what << " all of " << cores;
    report.check(name.view(), report.failures() == failures);
}

}  // namespace skerry::usr::test::everywhere

int program_main(skerry::runtime::Program& self) {
    using namespace skerry;
    using namespace skerry::usr;
    using namespace skerry::usr::test::everywhere;
    if (self.argument_count() == 1 && self.argument(0) == "serve") return serve(self).ok() ? 0 : 1;
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    auto write = [](void* to, std::string_view line) { static_cast<console::Session*>(to)->console.write(line); };
    test::Report report("everywhere", write, &session);
    auto cores = count_cores(session);
    report.equal("count", cores.error(), Error::none);
    if (cores.ok()) {
        on_all(report, *cores, "start on", [&](base::CoreId core) { return start_partner(session, core); });
        on_all(report, *cores, "asked", [&](base::CoreId core) { return ask_partner(session, core); });
    }
    return session.finish(report.finish());
}
