// Two cores and urpc's own ring, as its users use it.
#include "urpc/ring.hpp"
#include "platforms/simulated/model/experiment/experiment.hpp"

namespace skerry::simulated::model {

namespace {

// Instructions of a bare line to another core and its answer, both cores, counted in the booted system
// (`./skerry bench message`, urpc_raw; README.md, Figures).
constexpr double counted_round_trip = 259;

// Instructions of the root of a unicast group of 16, an operation, without its poll loop (`./skerry bench shootdown`).
constexpr double counted_group_root = 2545;

constexpr uint32_t lines = 64, messages = 256, warm_up = 64;
constexpr uint32_t acknowledge_every = 8;
constexpr Time start_of_late_reader = cycles(1e6);

struct Words {
    uint64_t word[urpc::payload_words] = {};
};

// One direction and its ends.
struct OneWay {
    OneWay(Memory& memory, uint32_t node, uint32_t count)
        : ring(reinterpret_cast<urpc::Line*>(memory.take(node, count * urpc::line_size))),
          writer(ring, count),
          reader(ring, count) {}
    urpc::Line* ring;
    urpc::RingWriter writer;
    urpc::RingReader reader;
};

void send(urpc::RingWriter& writer, Words& words) {
    urpc::Header header;
    header.opcode = 1;
    while (!writer.try_send(header, words.word, std::memory_order_release).ok()) {
    }
}

uint16_t receive(urpc::RingReader& reader, Words& words) {
    for (;;) {
        auto header = reader.take(words.word);
        if (header.ok()) return header->acknowledged;
    }
}

struct Pair {
    const Setup& setup;
    CoreIndex from, to;
    Report& report;

    void run(Engine& engine, const std::function<void()>& first, const std::function<void()>& second, Time late = 0) {
        Stopwatch watch;
        Time end = 0;
        engine.start(from, [&] { first(), end = std::max(end, engine.now()); });
        engine.start(
            to, [&] { second(), end = std::max(end, engine.now()); }, late);
        engine.run();
        report.add(engine, end, watch.seconds(), 2);
    }
};

// Cycles from one side to the other, and accesses there and back.
struct Latency {
    double cycles, accesses;
};
Latency latency(const Pair& pair) {
    Memory memory(1 << 20);
    const Machine& machine = pair.setup.machine;
    // Rings lie at their readers' nodes.
    OneWay there(memory, machine.node_of(pair.to), lines), back(memory, machine.node_of(pair.from), lines);
    Engine engine(machine, pair.setup.prices, pair.setup.core, memory);
    Time began = 0, ended = 0;
    uint64_t accesses = 0;
    Pair(pair).run(
        engine,
        [&] {
            Words words;
            for (uint32_t i = 0; i < warm_up + messages; ++i) {
                if (i == warm_up) began = engine.now(), accesses = engine.total().accesses;
                send(there.writer, words);
                receive(back.reader, words);
                (void)there.writer.acknowledge(i + 1).ok();
            }
            ended = engine.now();
            accesses = engine.total().accesses - accesses;
        },
        [&] {
            Words words;
            for (uint32_t i = 0; i < warm_up + messages; ++i) {
                receive(there.reader, words);
                (void)back.writer.acknowledge(i).ok();
                send(back.writer, words);
            }
        });
    return {in_cycles(ended - began) / (2 * messages), static_cast<double>(accesses) / messages};
}

// Messages a kcycle, one way, when so many may be under way. What was read comes back on a line every few messages.
double throughput(const Pair& pair, uint32_t in_flight) {
    Memory memory(1 << 20);
    const Machine& machine = pair.setup.machine;
    OneWay there(memory, machine.node_of(pair.to), in_flight), back(memory, machine.node_of(pair.from), lines);
    Engine engine(machine, pair.setup.prices, pair.setup.core, memory);
    Time began = 0, ended = 0;
    Pair(pair).run(
        engine,
        [&] {
            Words words;
            for (uint32_t i = 0; i < warm_up + messages; ++i) {
                while (there.writer.credits() == 0) {
                    (void)there.writer.acknowledge_modulo(receive(back.reader, words)).ok();
                }
                send(there.writer, words);
            }
        },
        [&] {
            Words words;
            for (uint32_t i = 1; i <= warm_up + messages; ++i) {
                receive(there.reader, words);
                if (i == warm_up) began = engine.now();
                if (i % acknowledge_every != 0) continue;
                urpc::Header header;
                header.opcode = 1;
                header.acknowledged = i & urpc::Header::count_mask;
                (void)back.writer.acknowledge((i - 1) / lines * lines).ok();
                (void)back.writer.try_send(header, words.word, std::memory_order_release).ok();
            }
            ended = engine.now();
        });
    return 1000 * messages / in_cycles(ended - began);
}

// A reader's cycles for a message, when there is always one.
double received(const Pair& pair) {
    Memory memory(1 << 20);
    OneWay there(memory, 0, lines);
    Engine engine(pair.setup.machine, pair.setup.prices, pair.setup.core, memory);
    Time began = 0, ended = 0;
    Pair(pair).run(
        engine,
        [&] {
            Words words;
            for (uint32_t i = 0; i < lines; ++i) send(there.writer, words);
        },
        [&] {
            Words words;
            began = engine.now();
            for (uint32_t i = 0; i < lines; ++i) receive(there.reader, words);
            ended = engine.now();
        },
        start_of_late_reader);
    return in_cycles(ended - began) / lines;
}

// Of the root, an operation, on a machine like that of the count.
double group_root_accesses() {
    Machine machine = Machine::parse("4x4",
                                     "packages = 4\ndies_per_package = 1\ncores_per_die = 4\nnodes = 4\n"
                                     "link = 0 1\nlink = 0 2\nlink = 1 3\nlink = 2 3\n"
                                     "cost stores_in_flight = 8 from this file: it decides nothing here\n");
    Setup setup{machine, {}, Prices::free(machine), {}};
    setup.core.cycles_per_access = 1;
    Report ignored;
    return measure_shootdown(setup, "unicast", 16, 16, ignored).root_accesses;
}

}  // namespace

Setup calibrate(const Machine& machine) {
    if (machine.cores() < 2) throw BadMachine("a machine of one core passes no messages");
    Report ignored;
    Setup setup{machine, {}, Prices::free(machine), {}};
    setup.core.cycles_per_access = 1;
    setup.core.prefetcher.depth = 0;
    double accesses = latency({setup, 0, 1, ignored}).accesses;
    setup.software.instructions_per_access = counted_round_trip / accesses;
    setup.core = CoreModel::of(machine, setup.software.instructions_per_access);
    setup.core.prefetcher.depth = 0;
    setup.core.walk_step = 0;
    Pair pair{setup, 0, 1, ignored};
    setup.software.ring = {latency(pair).cycles, received(pair)};
    setup.prices = Prices::of(machine, setup.software.ring);
    setup.core = CoreModel::of(machine, setup.software.instructions_per_access);
    setup.software.group_instructions_per_access = counted_group_root / group_root_accesses();
    return setup;
}

Setup for_groups(Setup setup) {
    setup.core = CoreModel::of(setup.machine, setup.software.group_instructions_per_access);
    return setup;
}

RingFigures measure_ring(const Setup& setup, CoreIndex from, CoreIndex to, uint32_t in_flight, Report& report) {
    Pair pair{setup, from, to, report};
    return {latency(pair).cycles, throughput(pair, in_flight)};
}

}  // namespace skerry::simulated::model
