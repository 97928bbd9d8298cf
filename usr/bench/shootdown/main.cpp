// bench_shootdown [VARIANT...] [samples=N] [among=CORE,CORE...] [edges] [unmap]: the raw cost of a shootdown's messages, nothing
// invalidated, in ticks of this core's counter, on all cores that are online, or with `among` on this one and those (The
// Multikernel, SOSP 2009, figure 6). `unmap`: a page that all have mapped and read goes from all their spaces (figure 7).
#include <new>

#include "platforms/base/format.hpp"
#include "usr/bench/message/table.hpp"
#include "usr/bench/shootdown/partner.hpp"
#include "usr/bench/shootdown/team.hpp"

namespace {

using namespace skerry;
using namespace skerry::bench;
using namespace skerry::bench::shootdown;

struct ConsoleOutput final : Output {
    explicit ConsoleOutput(usr::console::Session& s) : session(s) {}
    void write(std::string_view text) override { session.console.write(text); }
    usr::console::Session& session;
};

struct Asked {
    static constexpr size_t most_variants = 16;
    base::Bounded<const group::Variant*, most_variants> variants;
    base::Bounded<base::CoreId, most_members> among;  // empty: all
    uint32_t samples = Samples::wanted;
    bool edges = false, unmap = false;

    bool take(std::string_view word) {
        constexpr std::string_view samples_are = "samples=", among_are = "among=";
        if (word == "edges") return edges = true;
        if (word == "unmap") return unmap = true;
        if (word.starts_with(samples_are)) {
            word.remove_prefix(samples_are.size());
            return take_number(word, samples) && word.empty() && samples >= 1 && samples <= Samples::wanted;
        }
        if (word.starts_with(among_are)) return take_cores(word.substr(among_are.size()));
        const group::Variant* variant = group::find_variant(word);
        return variant != nullptr && variants.add(variant);
    }

  private:
    // Off the text's front.
    static bool take_number(std::string_view& text, uint32_t& number) {
        constexpr size_t most_digits = 6;
        size_t digits = 0;
        for (number = 0; digits < text.size() && text[digits] >= '0' && text[digits] <= '9'; ++digits) {
            if (digits == most_digits) return false;
            number = number * 10 + static_cast<uint32_t>(text[digits] - '0');
        }
        text.remove_prefix(digits);
        return digits != 0;
    }
    bool take_cores(std::string_view text) {
        for (;; text.remove_prefix(1)) {
            uint32_t core = 0;
            if (!take_number(text, core) || !among.add(base::CoreId{core})) return false;
            if (text.empty()) return true;
            if (text[0] != ',') return false;
        }
    }
};

struct Bench {
    explicit Bench(usr::console::Session& s) : session(s), output(s), team(s) {}

    usr::console::Session& session;
    ConsoleOutput output;
    Table table{output, "shootdown"};
    Team team;
    Samples samples;
    Team::Measured measured;

    // Who wrote lines to whom, by cores, and how many.
    void edges(std::string_view variant) {
        for (uint32_t from = 0; from < team.size(); ++from) {
            for (uint32_t to = 0; to < team.size(); ++to) {
                uint32_t lines = measured.counted[from].lines_to[to];
                if (lines == 0) continue;
                base::Buffer<96> line;
                auto core = [this](uint32_t i) { return team.core(group::Member{static_cast<uint16_t>(i)}); };
                line << "edge," << variant << ',' << team.size() << ',' << core(from) << ',' << core(to) << ',' << lines
                     << '\n';
                output.write(line.view());
            }
        }
    }

    // Whose tree it was, where the rules were asked.
    void whose(std::string_view variant) {
        if (!team.asked_rules()) return;
        base::Buffer<220> line;
        line << variant << (team.about().empty() ? ": by the rules" : ": by default: ") << team.about() << '\n';
        output.write(line.view());
    }

    Status one(const group::Variant& variant, const Asked& asked) {
        measured = {};
        uint32_t warm_up = asked.unmap ? std::min(Samples::warm_up, asked.samples) : Samples::warm_up;
        SKERRY_CHECK(team.measure(variant, warm_up, asked.samples, samples, measured));
        whose(variant.name);
        bool unmaps = asked.unmap && !measured.interrupts;
        std::string_view metric = unmaps ? "unmap" : "latency";
        std::string_view what = unmaps ? "until no space shows the page" : "from the first line to the last answer";
        table.add({variant.name, metric, team.size(), "cycles", measured.ticks, what});
        uint64_t lines = measured.lines / measured.operations;
        table.add({variant.name,
                   "messages",
                   team.size(),
                   "messages",
                   {lines, lines, lines, static_cast<uint32_t>(measured.operations)},
                   "lines written, by all members"});
        if (uint64_t each = measured.interrupts / measured.operations) {
            auto operations = static_cast<uint32_t>(measured.operations);
            table.add({variant.name,
                       "interrupts",
                       team.size(),
                       "messages",
                       {each, each, each, operations},
                       "each is answered by a driver, which has dropped a page"});
        }
        if (asked.edges) edges(variant.name);
        return {};
    }

    int failed(std::string_view what, Error error) {
        base::Buffer<120> line;
        line << "bench_shootdown: " << what << ": " << base::text(error) << '\n';
        output.write(line.view());
        return 1;
    }

    int run(Asked& asked) {
        Status ready = team.assemble({asked.among.begin(), asked.among.size()});
        if (ready.error() == Error::not_found) {
            bool alone = asked.among.empty();
            output.write(alone ? "bench_shootdown: a shootdown takes two cores, and one is online\n"
                               : "bench_shootdown: among= wants cores that are online, and another one than this\n");
            return 2;
        }
        if (ready.ok() && asked.unmap) ready = team.share_page();
        if (!ready.ok()) return failed("partners", ready.error());
        if (asked.variants.empty()) {
            for (const group::Variant& variant : group::variants()) (void)asked.variants.add(&variant);
        }
        table.header();
        for (const group::Variant* variant : asked.variants) {
            Status done = one(*variant, asked);
            if (!done.ok()) return failed(variant->name, done.error());
        }
        table.finish();
        return 0;
    }
};

// Too large for the stack; made once.
Bench& make_bench(usr::console::Session& session) {
    return *new (platform::static_storage<Bench>()) Bench(session);
}

}  // namespace

int program_main(runtime::Program& self) {
    if (self.argument_count() == 2 && self.argument(0) == "serve") {
        return serve_partner(self, self.argument(1)).ok() ? 0 : 1;
    }
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    Asked asked;
    for (uint32_t i = 0; i < self.argument_count(); ++i) {
        if (asked.take(self.argument(i))) continue;
        base::Buffer<160> line;
        line << "bench_shootdown: '" << self.argument(i) << "' is no variant; there are:";
        for (const group::Variant& variant : group::variants()) line << ' ' << variant.name;
        line << '\n';
        session.console.write(line.view());
        return session.finish(2);
    }
    Bench& bench = make_bench(session);
    int status = bench.run(asked);
    bench.~Bench();
    return session.finish(status);
}
