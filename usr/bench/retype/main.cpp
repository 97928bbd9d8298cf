// bench_retype [samples=N]: memory that programs on all online cores hold is retyped, in two phases that all monitors take
// part in: one operation at a time, and several under way (The Multikernel, SOSP 2009, figure 8), in ticks of this core's
// counter.
#include <charconv>

#include "usr/bench/capability/partner.hpp"
#include "usr/bench/capability/remote.hpp"
#include "usr/bench/message/table.hpp"

namespace {

using namespace skerry;
using namespace skerry::bench;
using capability::Remote;

constexpr struct {
    uint32_t in_flight;
    std::string_view name;
} depths[] = {{1, "in_flight_1"}, {2, "in_flight_2"}, {4, "in_flight_4"}};
constexpr uint32_t objects = 4, rounds = 5;  // more under way have no frames at the monitor (law 11)

struct ConsoleOutput final : Output {
    explicit ConsoleOutput(usr::console::Session& s) : session(s) {}
    void write(std::string_view text) override { session.console.write(text); }
    usr::console::Session& session;
};

struct Bench {
    explicit Bench(usr::console::Session& s) : output(s), remote(s) {}
    ConsoleOutput output;
    Table table{output, "retype"};
    Samples ticks;
    Remote remote;

    base::Status run(uint32_t samples) {
        SKERRY_CHECK(remote.open(Remote::most_retypes, objects));
        SKERRY_CHECK(remote.share_all());
        (void)SKERRY_TRY(remote.retype_many(objects, objects));  // everybody is connected, and has its frames
        ticks.clear(samples);
        (void)SKERRY_TRY(remote.retype_many(samples, 1, &ticks));
        table.add(
            {"two_phase", "latency", remote.cores(), "cycles", ticks.summary(), "from the request to its answer"});
        for (auto [in_flight, name] : depths) {
            ticks.clear(rounds);
            while (!ticks.full()) ticks.add(SKERRY_TRY(remote.retype_many(samples, in_flight)) / samples);
            table.add(
                {"two_phase", name, remote.cores(), "cycles", ticks.summary(), "an operation, so many under way"});
        }
        return {};
    }
};

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() == 2 && self.argument(0) == "serve") {
        return capability::serve_partner(self, self.argument(1)).ok() ? 0 : 1;
    }
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    uint32_t samples = Remote::most_retypes;
    std::string_view key = "samples=";
    if (self.argument_count() > 0) {
        std::string_view word = self.argument(0);
        const char* last = word.data() + word.size();
        bool known = self.argument_count() == 1 && word.starts_with(key);
        if (known) {
            auto [end, error] = std::from_chars(word.data() + key.size(), last, samples);
            known = error == std::errc{} && end == last && samples >= 1 && samples <= Remote::most_retypes;
        }
        if (!known) {
            session.console.write("usage: bench_retype [samples=1 to 128]\n");
            return session.finish(2);
        }
    }
    auto& bench = *new (platform::static_storage<Bench>()) Bench(session);
    bench.table.header();
    base::Status done = bench.run(samples);
    bench.table.finish();
    if (done.ok()) return session.finish(0);
    base::Buffer<80> line;
    line << "bench_retype: " << base::text(done.error()) << '\n';
    session.console.write(line.view());
    return session.finish(done.error() == base::Error::not_found ? 2 : 1);
}
