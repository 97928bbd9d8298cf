// fuzz SEED CALLS: two hostile dispatchers make that many system calls together. Whichever ends, by its own doing or in
// good time, is made anew with the next seed. Then one line an action and a type, and an exit status that says whether
// valid calls succeeded on every type that a program can get.
#include <algorithm>
#include <new>

#include "usr/console/session.hpp"
#include "usr/hostile/fuzz/child.hpp"

namespace {

using namespace skerry;
using namespace skerry::usr::hostile;
using base::Error;

constexpr uint32_t children = 2;
constexpr uint64_t life = 20'000;     // calls
constexpr uint64_t look = 4'000'000;  // ns between two looks at the children
constexpr uint32_t patience = 50;     // looks without a call, until a child is given up
constexpr Type wanted[] = {Type::ram,      Type::frame, Type::cnode,   Type::dispatcher,
                           Type::endpoint, Type::vnode, Type::mapping, Type::notify};
constexpr uint64_t wanted_one_in =
    4'000;  // of all calls: valid ones that succeeded on each of those; few calls prove nothing

struct Fuzz {
    explicit Fuzz(runtime::Program& program) : self(program), child{Child(program), Child(program)} {}

    runtime::Program& self;
    Child child[children];
    uint64_t seen[children] = {};
    uint32_t silent[children] = {};
    Tally past;
    uint64_t seed = 0, lives = 0;

    base::Status renew(uint32_t i) {
        child[i].end(past);
        seen[i] = silent[i] = 0;
        CapRef peers[Child::peers_maximum];
        uint32_t count = 0;
        peers[count++] = capabilities::well_known::monitor_endpoint;
        for (Child& other : child) {
            if (other.made()) peers[count++] = other.endpoint();
        }
        ++lives;
        return child[i].make(seed++, std::span(peers, count));
    }
    uint64_t calls() const {
        uint64_t sum = past.calls();
        for (const Child& one : child) sum += one.made() ? one.calls() : 0;
        return sum;
    }
    bool done_with(uint32_t i) {
        uint64_t now = child[i].calls();
        silent[i] = now == seen[i] ? silent[i] + 1 : 0;
        seen[i] = now;
        if (silent[i] != 0) child[i].poke();
        return now >= life || silent[i] >= patience || !child[i].alive();
    }
    base::Status run(uint64_t wanted_calls) {
        for (uint32_t i = 0; i < children; ++i) SKERRY_CHECK(renew(i));
        while (calls() < wanted_calls) {
            self.dispatcher.sleep_until(self.dispatcher.now() + look);
            for (uint32_t i = 0; i < children; ++i) {
                if (done_with(i)) SKERRY_CHECK(renew(i));
            }
        }
        return {};
    }
};

bool number(std::string_view text, uint64_t& value) {
    value = 0;
    for (char c : text) {
        if (c < '0' || c > '9') return false;
        value = value * 10 + static_cast<uint64_t>(c - '0');
    }
    return !text.empty();
}

void report(usr::console::Session& session, const Fuzz& fuzz, uint64_t first_seed) {
    const Tally& tally = fuzz.past;
    base::Buffer<120> line;
    line << "fuzz: core " << fuzz.self.core().value << " seed " << first_seed << ": " << tally.calls() << " calls, "
         << tally.valid() << " valid, " << fuzz.lives << " lives\n";
    session.console.write(line.view());
    for (size_t i = 0; i < action_count; ++i) {
        line.clear();
        line << "  " << text(static_cast<Action>(i)) << ' ' << tally.done[i] << '/' << tally.tried[i] << '\n';
        session.console.write(line.view());
    }
}

int judge(usr::console::Session& session, const Fuzz& fuzz, uint64_t calls) {
    int status = 0;
    for (Type type : wanted) {
        uint64_t done = fuzz.past.by_type[static_cast<size_t>(type)];
        base::Buffer<80> line;
        line << "fuzz: " << capabilities::info(type).name << ' ' << done << " done\n";
        session.console.write(line.view());
        if (done < calls / wanted_one_in) status = 1;
    }
    return status;
}

}  // namespace

int program_main(runtime::Program& self) {
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    uint64_t first_seed = 0, calls = 0;
    if (self.argument_count() < 2 || !number(self.argument(0), first_seed) || !number(self.argument(1), calls)) {
        session.console.write("fuzz: expected a seed and a number of calls\n");
        return session.finish(2);
    }
    alignas(Fuzz) static constinit std::byte storage[sizeof(Fuzz)]{};
    Fuzz& fuzz = *new (storage) Fuzz(self);
    fuzz.seed = first_seed;
    base::Status ran = fuzz.run(calls);
    for (Child& child : fuzz.child) child.end(fuzz.past);
    if (!ran.ok()) {
        base::Buffer<80> line;
        line << "fuzz: cannot go on: " << base::text(ran.error()) << '\n';
        session.console.write(line.view());
        return session.finish(1);
    }
    bool verbose = self.argument_count() > 2;
    if (verbose) report(session, fuzz, first_seed);
    return session.finish(judge(session, fuzz, calls));
}
