// The variant `ipi`: no group, no program: the root asks in a line that it shares with each member's CPU driver, and
// interrupts; the driver invalidates the page and answers there. Lines, orders and their sequence are those of
// Core::signal_each, Core::poke_interrupt and Core::serve_flush, and of usr/bench/shootdown/interrupts.cpp. That a member looks
// at its poke words, too, which are its own, is in its path.
#include "capabilities/interface/flush_line.hpp"
#include "platforms/simulated/model/experiment/experiment.hpp"

namespace skerry::simulated::model {

namespace {

using capabilities::FlushLine;

// Counted in the booted system, 16 cores (`./skerry bench shootdown`): the root's path for one member, with the system call
// that sends the interrupt, and a member's from its interrupt to its return.
constexpr double counted_request = 3353.0 / 15, counted_service = 148;
constexpr uint32_t asked_at_once = 7;  // by one system call (usr/runtime/batch.hpp)
constexpr uint32_t warm_up = 8;
constexpr uint64_t page = 0x400, page_address = page * page_bytes;

struct Members {
    Memory memory;
    std::vector<FlushLine*> lines;  // each in memory of its member

    Members(const Machine& machine, uint32_t cores) : memory(uint64_t{cores} * page_bytes) {
        for (uint32_t i = 0; i < cores; ++i) {
            lines.push_back(new (memory.take(machine.node_of(i), line_bytes)) FlushLine);
        }
    }
};

// A member's driver, until the root asks for the page 0, which ends it.
void serve(Engine& engine, Members& members, CoreIndex self, Time software) {
    FlushLine& line = *members.lines[self];
    for (;;) {
        engine.await_interrupt();
        engine.spend(software);
        uint64_t request = line.request.load(std::memory_order_acquire);
        if (request == line.answer.load(std::memory_order_relaxed)) continue;
        uint64_t address = line.address.load(std::memory_order_relaxed);
        (void)line.operation.load(std::memory_order_relaxed);
        engine.invalidate(address / page_bytes);
        line.answer.store(request, std::memory_order_release);
        if (address == 0) return;
    }
}

void ask_all(Engine& engine, Members& members, uint64_t address, Time software) {
    auto count = static_cast<CoreIndex>(members.lines.size());
    for (CoreIndex first = 1; first < count; first += asked_at_once) {
        CoreIndex end = std::min(count, first + asked_at_once);
        for (CoreIndex i = first; i < end; ++i) {
            engine.spend(software);
            members.lines[i]->ask(address);
        }
        for (CoreIndex i = first; i < end; ++i) engine.interrupt(i);
    }
    for (CoreIndex i = 1; i < members.lines.size(); ++i) {
        uint64_t asked = members.lines[i]->request.load(std::memory_order_relaxed);
        while (members.lines[i]->answer.load(std::memory_order_acquire) != asked) {
        }
    }
}

}  // namespace

Shootdown measure_interrupts(const Setup& setup, uint32_t cores, uint32_t operations, Report& report) {
    Stopwatch watch;
    Members members(setup.machine, cores);
    // What is counted is charged as a whole, not by the access.
    CoreModel core = CoreModel::of(setup.machine, 0);
    double each = setup.machine.cost("cycles_per_instruction");
    Time request = cycles(counted_request * each), service = cycles(counted_service * each);
    Engine engine(setup.machine, setup.prices, core, members.memory);
    std::vector<double> samples;
    Time end = 0;
    engine.start(0, [&] {
        for (uint32_t i = 0; i < warm_up + operations; ++i) {
            Time began = engine.now();
            ask_all(engine, members, page_address, request);
            if (i >= warm_up) samples.push_back(in_cycles(engine.now() - began));
        }
        ask_all(engine, members, 0, request);
        end = engine.now();
    });
    for (CoreIndex i = 1; i < cores; ++i) {
        engine.start(i, [&engine, &members, i, service] { serve(engine, members, i, service); });
    }
    engine.run();
    Shootdown result;
    result.latency = Figures::of(samples);
    result.traffic = engine.directory().traffic();
    result.lines = 2 * uint64_t{cores - 1};
    result.interrupts = cores - 1;
    result.root_instructions = counted_request * (cores - 1);
    report.add(engine, end, watch.seconds(), cores);
    return result;
}

}  // namespace skerry::simulated::model
