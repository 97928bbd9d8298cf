// bench_message: what messages cost, in ticks of the core's cycle counter.
//
//   calibrate  --> is a tick an instruction? (QEMU with -icount shift=0)
//   same core  --> nop | LRPC one way, to the upcall's entry and to the C++ handler | LRPC round trip
//   two cores  --> a typed URPC call, if another core is online
//
// Started as a core's first program (in place of init, to see the CPU driver alone), it prints on the serial
// port.
#include <new>

#include "platform/user/measure.hpp"
#include "platforms/base/format.hpp"
#include "usr/bench/message/cross_core.hpp"
#include "usr/bench/message/same_core.hpp"
#include "usr/bench/message/serial.hpp"
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

    void two_cores(usr::console::Session& session) {
        auto core = other_core(session);
        if (!core.ok()) return;
        // Under one clock for all, what the other core does meanwhile is in the number.
        row("urpc", "call", call_across(session, *core, samples),
            "typed call and answer, instructions of both cores where ticks are instructions", 2);
    }
};

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
    if (self.argument_count() > 0 && self.argument(0) == "serve") return serve(self).ok() ? 0 : 1;
    usr::console::Session& session = usr::console::static_session(self);
    if (!session.start().ok()) return 1;
    ConsoleOutput console(session);
    Bench& bench = make_bench(console);
    bench.counter();
    bench.same_core(self);
    bench.two_cores(session);
    bench.table.finish();
    return session.finish(bench.failures != 0);
}
