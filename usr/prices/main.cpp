// prices: measures what messages between cores cost, on all that are online, and tells the knowledge base.
//
//   leader ---run--> the two of a pair: one sends lines, the other answers them (exchange.hpp); all others sleep
//      \---facts---> skb, as the file measured.pl; then the rules choose (skb/rules/choice.pl)
#include "usr/prices/exchange.hpp"
#include "usr/prices/pairs.hpp"
#include "usr/prices/teller.hpp"
#include "usr/span/span.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr;
using namespace skerry::usr::prices;

constexpr uint64_t arena_bytes = base::page_size;  // that a span has at least; not used
constexpr uint64_t time_for_all = 500'000'000;     // ns, unless a few rounds take longer
constexpr uint64_t patience = 20'000'000'000;      // ns, for a pair
using Line = base::Buffer<200>;

// Shared by all of the span, as every global is. One pair at a time uses it.
struct Exchange {
    alignas(base::page_size) std::byte frame[frame_bytes]{};
    uint64_t time = 0;  // ns, for the pair
    Error answered = Error::none, measured = Error::none;
    Price price;
};
constinit span::Span the_span;
constinit Exchange exchange{};

void answer_lines(span::Span&, uint32_t, void*) {
    exchange.answered = answer(exchange.frame).error();
}
void measure_lines(span::Span&, uint32_t, void*) {
    auto price = measure(exchange.frame, runtime::program().dispatcher.now() + exchange.time);
    exchange.measured = price.error();
    if (price.ok()) exchange.price = *price;
}

// Members of the span, by their numbers: the leader is 0, and works itself.
Result<Price> price_of_pair(runtime::Program& self, Pair pair) {
    std::memset(exchange.frame, 0, sizeof exchange.frame);
    if (pair.to != 0) SKERRY_CHECK(the_span.run(pair.to, &answer_lines, nullptr));
    if (pair.from != 0) SKERRY_CHECK(the_span.run(pair.from, &measure_lines, nullptr));
    if (pair.to == 0) answer_lines(the_span, 0, nullptr);
    if (pair.from == 0) measure_lines(the_span, 0, nullptr);
    uint64_t deadline = self.dispatcher.now() + patience;
    for (uint32_t member : {pair.from, pair.to}) {
        if (member != 0) SKERRY_CHECK(the_span.wait(member, deadline));
    }
    if (exchange.answered != Error::none) return exchange.answered;
    if (exchange.measured != Error::none) return exchange.measured;
    return exchange.price;
}

struct Machine {
    std::array<Place, cores_maximum> places{};
    uint32_t size = 0, online = 0;

    std::span<const Place> all() const { return std::span(places).first(size); }
};

// Ourselves first, then the others in their order.
Status find_cores(console::Session& session, Machine& machine) {
    base::CoreId own = session.loop.program().core();
    machine.size = 1;
    for (uint32_t i = 0, count = 1; i < count; ++i) {
        auto info = SKERRY_TRY(session.monitor.ask(urpc::monitor::CoreStatus{base::CoreId{i}}));
        count = info.core_count;
        if (info.state != urpc::monitor::CoreState::online) continue;
        ++machine.online;
        if (info.core == own)
            machine.places[0] = {own, info.package};
        else if (machine.size < cores_maximum)
            machine.places[machine.size++] = {info.core, info.package};
    }
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
Status measure_all(runtime::Program& self, const Machine& machine, const Pairs& pairs, Teller& teller, Line& problem) {
    exchange.time = time_for_all / pairs.all().size() / 2;
    for (Pair pair : pairs.all()) {
        base::CoreId from = machine.places[pair.from].core, to = machine.places[pair.to].core;
        auto price = price_of_pair(self, pair);
        Status done = price.ok() ? teller.add(from, to, *price) : Status{price.error()};
        if (done.ok()) continue;
        problem << "core " << from << " to core " << to;
        return done;
    }
    return {};
}

Status start_partners(console::Session& session, const Machine& machine) {
    SKERRY_CHECK(the_span.open(session.loop.program(), session.monitor, arena_bytes));
    for (const Place& place : machine.all().subspan(1)) (void)SKERRY_TRY(the_span.add(place.core));
    return {};
}

int run(console::Session& session, const Machine& machine) {
    runtime::Program& self = session.loop.program();
    auto& teller = *new (platform::static_storage<Teller>()) Teller(session);
    Status done = teller.open();
    if (!done.ok()) return cannot_tell(session, done.error());
    auto& pairs = *new (platform::static_storage<Pairs>()) Pairs(machine.all());
    Times times{.begun = self.dispatcher.now(), .started = 0, .measured = 0, .told = 0, .chosen = 0};
    done = start_partners(session, machine);
    if (!done.ok()) return failed(session, "a partner cannot be started", done.error());
    times.started = self.dispatcher.now();
    Line problem;
    done = measure_all(self, machine, pairs, teller, problem);
    if (!done.ok()) return failed(session, problem.view(), done.error());
    times.measured = self.dispatcher.now();
    done = teller.replace();
    if (!done.ok()) return cannot_tell(session, done.error());
    times.told = self.dispatcher.now();
    auto chosen = teller.choose();
    if (!chosen.ok()) return failed(session, "the rules choose no tree", chosen.error());
    times.chosen = *chosen;
    Line line;
    report(machine, pairs.all().size(), times, line);
    return say(session, line, 0);
}

}  // namespace

int program_main(runtime::Program& self) {
    console::Session& session = console::static_session(self);
    if (!session.start().ok()) return 1;
    Line line;
    if (self.argument_count() != 0) {
        line << "prices: unknown word '" << self.argument(0).substr(0, 60) << "' (it takes none)\n";
        return say(session, line, 2);
    }
    static constinit Machine machine;
    Status known = find_cores(session, machine);
    if (!known.ok()) return failed(session, "the cores are not known", known.error());
    if (machine.size > 1) return run(session, machine);
    line << "prices: one core is online, there is nothing to measure\n";
    return say(session, line, 0);
}
