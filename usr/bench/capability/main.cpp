// bench_capability local | remote [DESCENDANTS...] | who: what it takes to copy, mint, delete, retype and revoke memory of
// which 1 to 10,000 things were made: on this core, or when programs on all other cores hold it and have made them; and which
// monitor writes how many lines when it is revoked.
#include <charconv>

#include "platform/user/measure.hpp"
#include "usr/bench/capability/local.hpp"
#include "usr/bench/capability/partner.hpp"
#include "usr/bench/capability/remote.hpp"
#include "usr/bench/message/table.hpp"

namespace {

using namespace skerry;
using namespace skerry::bench;
using namespace skerry::bench::capability;

constexpr struct {
    uint32_t count;
    std::string_view name;
} sizes[] = {{1, "of_1"}, {10, "of_10"}, {100, "of_100"}, {1'000, "of_1000"}, {10'000, "of_10000"}};
static_assert(sizes[4].count == Pieces::most);

struct ConsoleOutput final : Output {
    explicit ConsoleOutput(usr::console::Session& s) : session(s) {}
    void write(std::string_view text) override { session.console.write(text); }
    usr::console::Session& session;
};

struct Bench {
    explicit Bench(usr::console::Session& s) : session(s), output(s), local(s.loop.program()), remote(s) {}
    usr::console::Session& session;
    ConsoleOutput output;
    Table table{output, "capability"};
    Samples ticks, lines;
    std::string_view unit = "cycles";
    Local local;
    Remote remote;

    // Is a tick an instruction?
    void calibrate() {
        constexpr uint64_t rounds = 1000;
        ticks.clear();
        while (!ticks.full()) ticks.add(platform::skerry_measure_loop(rounds));
        Summary loop = ticks.summary();
        if (loop.min == 2 * rounds + platform::loop_extra && loop.median == loop.min) unit = "instructions";
    }

    Status run_local() {
        constexpr uint32_t samples = 3;
        SKERRY_CHECK(local.open(Pieces::most));
        for (auto [count, name] : sizes) {
            Local::Measured m;
            SKERRY_CHECK(local.measure(count, samples, count >= 1000 ? 2 : 4, ticks, m));
            table.add(
                {name, "copy", 1, unit, m.copy, "one copy of memory of which so much was made; mean of many trees"});
            table.add({name, "mint", 1, unit, m.mint, "the same with fewer rights"});
            table.add({name, "delete", 1, unit, m.delete_, "that copy"});
            table.add({name, "retype", 1, unit, m.retype, "one object more"});
            table.add({name, "revoke", 1, unit, m.revoke, "all that was made"});
        }
        return {};
    }

    void add(std::string_view variant, std::string_view metric, std::string_view lines_metric, const Cost& cost,
             std::string_view what) {
        table.add({variant, metric, remote.cores(), unit, cost.ticks, what});
        table.add(
            {variant, lines_metric, remote.cores(), "messages", cost.lines, "lines between monitors, to the end"});
    }

    Status run_remote(uint32_t most) {
        constexpr uint32_t samples = 9;
        SKERRY_CHECK(remote.open(Pieces::most));
        Remote::Measured m;
        SKERRY_CHECK(remote.measure(samples, ticks, lines, m));
        add("held", "copy", "copy_lines", m.copy, "to one more core; all cores and their poll loops");
        add("held", "mint", "mint_lines", m.mint, "the same with fewer rights");
        add("held", "delete", "delete_lines", m.delete_, "the last one of a core");
        add("held", "retype", "retype_lines", m.retype, "one object, all others agree: two phases");
        for (auto [count, name] : sizes) {
            Cost cost;
            if (count > most) continue;
            SKERRY_CHECK(remote.measure_revoke(count, 3, ticks, lines, cost));
            add(name, "revoke", "revoke_lines", cost, "all that was made, on all other cores");
        }
        return {};
    }
};

Status say_who_writes(usr::console::Session& session, Remote& remote) {
    constexpr uint32_t one_page = base::page_size / piece_bytes;
    SKERRY_CHECK(remote.open(one_page));
    for (const Remote::Written& each : SKERRY_TRY(remote.who_writes())) {
        base::Buffer<80> line;
        line << "core " << each.core << " writes " << each.lines << " lines\n";
        session.console.write(line.view());
    }
    remote.end_partners();
    return {};
}

int usage(usr::console::Session& session) {
    session.console.write("usage: bench_capability local | remote [MOST DESCENDANTS] | who\n");
    return session.finish(2);
}

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() == 2 && self.argument(0) == "serve") {
        return serve_partner(self, self.argument(1)).ok() ? 0 : 1;
    }
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    std::string_view where = self.argument_count() > 0 ? self.argument(0) : "";
    bool there = where == "remote", who = where == "who";
    uint32_t most = Pieces::most;
    if ((!there && !who && where != "local") || self.argument_count() > (there ? 2u : 1u)) return usage(session);
    if (self.argument_count() == 2) {
        std::string_view text = self.argument(1);
        auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), most);
        if (error != std::errc{} || end != text.data() + text.size()) return usage(session);
    }
    auto& bench = *new (platform::static_storage<Bench>()) Bench(session);
    base::Status done;
    if (who) {
        done = say_who_writes(session, bench.remote);
    } else {
        bench.calibrate();
        bench.table.header();
        done = there ? bench.run_remote(most) : bench.run_local();
        bench.table.finish();
    }
    if (done.ok()) return session.finish(0);
    base::Buffer<80> line;
    line << "bench_capability: " << base::text(done.error()) << '\n';
    session.console.write(line.view());
    return session.finish(1);
}
