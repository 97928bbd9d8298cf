// bench_message: what messages cost, in ticks of the core's cycle counter.
//
//   calibrate  --> is a tick an instruction? (QEMU with -icount shift=0)
//   same core  --> nop | LRPC one way, to the upcall's entry and to the C++ handler | LRPC round trip
//   URPC       --> bare lines and typed calls, 1 to 64 in flight, sleeping peers: on this core, and on two if
//                  another is online
//
// `bench_message round_trips SAMPLES` measures those alone that other systems have, too. Started as a core's first
// program (in place of init, to see the CPU driver alone), it prints on the serial port.
#include <new>

#include "platform/user/measure.hpp"
#include "platforms/base/format.hpp"
#include "usr/bench/message/cross_core.hpp"
#include "usr/bench/message/same_core.hpp"
#include "usr/bench/message/serial.hpp"
#include "usr/bench/message/server.hpp"
#include "usr/bench/message/table.hpp"

namespace {

using namespace skerry;
using namespace skerry::bench;

constexpr uint64_t rounds = 1000;

struct ConsoleOutput final : Output {
    explicit ConsoleOutput(usr::console::Session& s) : session(s) {}
    void write(std::string_view text) override { session.console.write(text); }
    usr::console::Session& session;
};

// A loop of a known number of instructions, its least time in ticks.
Summary calibrate(Samples& samples) {
    samples.clear();
    while (!samples.full()) samples.add(platform::skerry_measure_loop(rounds));
    return samples.summary();
}

struct Bench {
    explicit Bench(Output& o) : output(o) {}

    Output& output;
    Table table{output, "message"};
    Samples samples;
    std::string_view unit = "cycles";
    int failures = 0;

    void row(std::string_view variant, std::string_view metric, Status measured, std::string_view included,
             uint32_t cores = 1) {
        if (measured.ok()) return table.add({variant, metric, cores, unit, samples.summary(), included});
        ++failures;
        base::Buffer<120> line;
        line << "bench_message: " << variant << ' ' << metric << ": " << base::text(measured.error()) << '\n';
        output.write(line.view());
    }

    void counter() {
        Summary loop = calibrate(samples);
        bool exact = loop.min == 2 * rounds + platform::loop_extra && loop.median == loop.min;
        if (exact) unit = "instructions";
        table.header();
        table.add({"counter", "loop_of_2004", 1, unit, loop,
                   exact ? "one tick is one instruction" : "ticks are not instructions"});
    }

    void same_core(runtime::Program& self) {
        system_calls(samples);
        row("nop", "system_call", {}, "call, SYSCALL to SYSRET, counter read");
        SameCore pair(self);
        if (Status started = pair.start(); !started.ok()) return row("lrpc", "partner", started, "");
        row("lrpc", "one_way", pair.one_way(Command::time_entry, samples),
            "SYSCALL to the upcall's first instruction, and XCHG before");
        row("lrpc", "one_way_handler", pair.one_way(Command::time_handler, samples),
            "the same to the C++ handler's first read: and the upcall's entry");
        row("lrpc", "round_trip", pair.round_trip(samples), "send to reply taken, C++ runtime on both sides");
    }

    // What another system can be compared with.
    void round_trips(usr::console::Session& session) {
        table.header();
        SameCore partner(session.loop.program());
        if (Status started = partner.start(); !started.ok()) return row("lrpc", "partner", started, "");
        row("lrpc", "round_trip", partner.round_trip(samples), "send to reply taken, C++ runtime on both sides");
        round_trips(session, session.loop.program().core(), 1);
        if (auto core = other_core(session); core.ok()) round_trips(session, *core, 2);
    }
    void round_trips(usr::console::Session& session, base::CoreId core, uint32_t cores) {
        UrpcPair pair(session);
        if (Status started = pair.start(core); !started.ok()) return row("urpc", "server", started, "", cores);
        row("urpc_raw", "round_trip", pair.raw(1, samples), "a line and its answer on bare rings", cores);
        row("urpc_call", "round_trip", pair.calls(1, samples), "a typed call in a coroutine", cores);
        row("urpc_call", "server_asleep", pair.call_sleeper(samples), "the server blocked, and poked awake", cores);
    }

    // Under one clock for all cores, what the other one does meanwhile is in the numbers.
    void urpc(usr::console::Session& session, base::CoreId core, uint32_t cores) {
        UrpcPair pair(session);
        if (Status started = pair.start(core); !started.ok()) return row("urpc", "server", started, "", cores);
        for (uint32_t in_flight = 1; in_flight <= most_in_flight; in_flight *= 2) {
            base::Buffer<20> metric;
            metric << "in_flight_" << in_flight;
            std::string_view name = in_flight == 1 ? std::string_view("round_trip") : kept(metric.view());
            row("urpc_raw", name, pair.raw(in_flight, samples), "a line and its answer on bare rings", cores);
            row("urpc_call", name, pair.calls(in_flight, samples), "a typed call in a coroutine", cores);
        }
        row("urpc_call", "blocking", pair.blocking_call(samples), "made and waited for by straight-line code", cores);
        row("urpc_call", "server_asleep", pair.call_sleeper(samples), "poked awake, by an interrupt from another core",
            cores);
    }
    void urpc(usr::console::Session& session) {
        urpc(session, session.loop.program().core(), 1);
        if (auto core = other_core(session); core.ok()) urpc(session, *core, 2);
    }
    // A row's words live as long as the table.
    std::string_view kept(std::string_view text) {
        char* start = words_ + used_;
        SKERRY_ASSERT(used_ + text.size() <= sizeof words_);
        for (char c : text) words_[used_++] = c;
        return {start, text.size()};
    }
    char words_[512];
    size_t used_ = 0;
};

// Digits as a number; at least 1, and no number is 1.
uint32_t number_of(std::string_view text) {
    uint32_t value = 0;
    for (char c : text) {
        if (c < '0' || c > '9' || value > Samples::wanted) return 1;
        value = value * 10 + static_cast<uint32_t>(c - '0');
    }
    return std::max<uint32_t>(value, 1);
}

// Too large for the stack; made once.
Bench& make_bench(Output& output) {
    alignas(Bench) static constinit std::byte storage[sizeof(Bench)]{};
    return *new (storage) Bench(output);
}

}  // namespace

int program_main(skerry::runtime::Program& self) {
    if (self.start == nullptr) {
        SerialOutput serial;
        Bench& bench = make_bench(serial);
        bench.counter();
        bench.same_core(self);
        bench.table.finish();
        serial.power_off();
        return bench.failures != 0;
    }
    if (self.argument_count() > 0 && self.argument(0) == "serve") {
        return self.argument_count() == 2 && serve(self, self.argument(1)).ok() ? 0 : 1;
    }
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    ConsoleOutput console(session);
    Bench& bench = make_bench(console);
    if (self.argument_count() == 2 && self.argument(0) == "round_trips") {
        bench.samples.shorten(number_of(self.argument(1)));
        bench.round_trips(session);
    } else {
        bench.counter();
        bench.same_core(self);
        bench.urpc(session);
    }
    bench.table.finish();
    return session.finish(bench.failures != 0);
}
