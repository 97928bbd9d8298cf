// prices: measures what messages between cores cost, on all that are online, and tells the knowledge base. Typed at the shell
// it says what that took; init starts it behind the knowledge base, where times are a machine's: then it says what went wrong.
//
//   leader ---Work--> the two of a pair: one sends lines, the other answers them (exchange.hpp); all others sleep
//      \---facts---> skb, as the file measured.pl; then the rules choose (skb/rules/choice.pl)
//   prices serve NAME: a partner of the leader's, on another core
#include "urpc/protocols/machine_info.hpp"
#include "usr/prices/pairs.hpp"
#include "usr/prices/team.hpp"
#include "usr/prices/teller.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr;
using namespace skerry::usr::prices;

constexpr uint64_t time_for_all = 500'000'000;  // ns, unless a few rounds take longer
using Line = base::Buffer<200>;

struct Machine {
    std::array<Place, urpc::machine_cores_maximum> places{};
    uint32_t size = 0, online = 0;  // those that take part; all

    std::span<const Place> all() const { return std::span(places).first(size); }
};

// Ourselves first, then the others in their order; those that take part.
Status find_cores(console::Session& session, Machine& machine) {
    base::CoreId own = session.loop.program().core();
    machine.online = 1;
    for (uint32_t i = 0, count = 1; i < count; ++i) {
        auto info = SKERRY_TRY(session.monitor.ask(urpc::monitor::CoreStatus{base::CoreId{i}}));
        count = info.core_count;
        if (info.state != urpc::monitor::CoreState::online) continue;
        if (info.core == own)
            machine.places[0] = {own, info.package};
        else if (machine.online < machine.places.size())
            machine.places[machine.online++] = {info.core, info.package};
    }
    machine.size = choose_members(std::span(machine.places).first(machine.online));
    return {};
}

int say(console::Session& session, const Line& line, int status) {
    session.console.write(line.view());
    return session.finish(status);
}
int failed(console::Session& session, std::string_view what, Error error) {
    Line line;
    line << "prices: " << what << ": " << base::text(error) << '\n';
    return say(session, line, 1);
}
int cannot_tell(console::Session& session, Error error) {
    if (error == Error::refused)
        return failed(session, "not a manager's to run: type `prices`, not `run prices`", error);
    if (error == Error::timed_out) return failed(session, "no knowledge base to tell", error);
    return failed(session, "the knowledge base cannot be told", error);
}

struct Times {
    uint64_t begun, started, measured, told, chosen;
};

void report(const Machine& machine, size_t pairs, const Times& times, Line& line) {
    auto ms = [](uint64_t ns) { return (ns + 500'000) / 1'000'000; };
    line << "prices: " << pairs << " ordered pairs of " << machine.size;
    if (machine.size != machine.online) line << " (of " << machine.online << ')';
    line << " cores measured in " << ms(times.measured - times.started) << " ms; partners started in "
         << ms(times.started - times.begun) << " ms, told in " << ms(times.told - times.measured)
         << " ms, a tree chosen in " << ms(times.chosen) << " ms\n";
}

// One after the other: what two cores say to each other is in nobody's way.
Status measure_all(Team& team, const Machine& machine, const Pairs& pairs, Teller& teller, Line& problem) {
    uint64_t time = time_for_all / pairs.all().size() / 2;
    for (Pair pair : pairs.all()) {
        base::CoreId from = machine.places[pair.from].core, to = machine.places[pair.to].core;
        auto price = team.price(pair, time);
        Status done = price.ok() ? teller.add(from, to, *price) : Status{price.error()};
        if (done.ok()) continue;
        problem << "core " << from << " to core " << to;
        return done;
    }
    return {};
}

struct Leader {
    explicit Leader(console::Session& s) : session(s), team(s), teller(s) {}
    int run(bool tells);

    console::Session& session;
    Machine machine;
    Team team;
    Teller teller;
};

int Leader::run(bool tells) {
    runtime::Dispatcher& clock = session.loop.program().dispatcher;
    Status done = teller.open();
    if (!done.ok()) return cannot_tell(session, done.error());
    auto& pairs = *new (platform::static_storage<Pairs>()) Pairs(machine.all());
    Times times{.begun = clock.now(), .started = 0, .measured = 0, .told = 0, .chosen = 0};
    done = team.start(machine.all());
    if (!done.ok()) return failed(session, "a partner cannot be started", done.error());
    times.started = clock.now();
    Line line;
    done = measure_all(team, machine, pairs, teller, line);
    if (!done.ok()) return failed(session, line.view(), done.error());
    times.measured = clock.now();
    done = teller.replace();
    if (!done.ok()) return cannot_tell(session, done.error());
    times.told = clock.now();
    auto chosen = teller.choose();
    if (!chosen.ok()) return failed(session, "the rules choose no tree", chosen.error());
    times.chosen = *chosen;
    if (!tells) return 0;
    report(machine, pairs.all().size(), times, line);
    return say(session, line, 0);
}

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() == 2 && self.argument(0) == "serve") return serve_leader(self, self.argument(1));
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    Line line;
    if (self.argument_count() != 0) {
        line << "prices: unknown word '" << self.argument(0).substr(0, 60) << "' (it takes none)\n";
        return say(session, line, 2);
    }
    bool typed = (self.start->flags & runtime::start_flags::service) == 0;
    Leader& leader = *new (platform::static_storage<Leader>()) Leader(session);
    Status known = find_cores(session, leader.machine);
    if (!known.ok()) return failed(session, "the cores are not known", known.error());
    if (leader.machine.size > 1) {
        int status = leader.run(typed);
        leader.~Leader();
        return status;
    }
    if (!typed) return 0;
    line << "prices: one core is online, there is nothing to measure\n";
    return say(session, line, 0);
}
