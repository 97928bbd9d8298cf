// State that all cores update (The Multikernel, SOSP 2009, figure 3): each stores to the same few lines, or asks a server
// core to do so, by a message of one line, and waits for its answer. No locks.
#include "platforms/simulated/model/experiment/experiment.hpp"
#include "urpc/ring.hpp"

namespace skerry::simulated::model {

namespace {

constexpr uint32_t ring_lines = 16;
constexpr uint32_t warm_up = 16;

struct Update {
    urpc::Line* state;
    uint32_t lines;
    void operator()(uint64_t value) const {
        for (uint32_t i = 0; i < lines; ++i) state[i].payload[0].store(value, std::memory_order_relaxed);
    }
};

// From its first counted operation to its last, for each core; the mean of an operation.
struct Timing {
    std::vector<double> each;
    void add(Time began, Time ended, uint32_t operations) { each.push_back(in_cycles(ended - began) / operations); }
};

struct Client {
    Client(Memory& memory, uint32_t server_node, uint32_t node)
        : requests(lines_in(memory, server_node)),
          answers(lines_in(memory, node)),
          ask(requests, ring_lines),
          asked(requests, ring_lines),
          answer(answers, ring_lines),
          answered(answers, ring_lines) {}
    static urpc::Line* lines_in(Memory& memory, uint32_t node) {
        return reinterpret_cast<urpc::Line*>(memory.take(node, ring_lines * urpc::line_size));
    }
    urpc::Line *requests, *answers;
    urpc::RingWriter ask;
    urpc::RingReader asked;
    urpc::RingWriter answer;
    urpc::RingReader answered;
    uint64_t taken = 0;
};

urpc::Header a_message() {
    urpc::Header header;
    header.opcode = 1;
    return header;
}

void call(Client& client, uint64_t number) {
    uint64_t words[urpc::payload_words] = {number};
    while (!client.ask.try_send(a_message(), words, std::memory_order_release).ok()) {
    }
    while (!client.answered.take(words).ok()) {
    }
    (void)client.ask.acknowledge(number + 1).ok();
}

// Looks at each client in turn; true: it had asked.
bool serve(Client& client, const Update& update) {
    uint64_t words[urpc::payload_words];
    if (!client.asked.take(words).ok()) return false;
    update(words[0]);
    (void)client.answer.acknowledge(client.taken++).ok();  // who asks again has read the answer before
    return client.answer.try_send(a_message(), words, std::memory_order_release).ok();
}

Figures in_shared_memory(const Setup& setup, uint32_t lines, uint32_t cores, uint32_t operations, Report& report) {
    Memory memory(1 << 20);
    Update update{reinterpret_cast<urpc::Line*>(memory.take(0, lines * urpc::line_size)), lines};
    Stopwatch watch;
    Engine engine(setup.machine, setup.prices, setup.core, memory);
    Timing timing;
    Time end = 0;
    for (uint32_t core = 0; core < cores; ++core) {
        engine.start(core, [&] {
            for (uint32_t i = 0; i < warm_up; ++i) update(i);
            Time began = engine.now();
            for (uint32_t i = 0; i < operations; ++i) update(i);
            engine.drain();
            timing.add(began, engine.now(), operations);
            end = std::max(end, engine.now());
        });
    }
    engine.run();
    report.add(engine, end, watch.seconds(), cores);
    return Figures::of(timing.each);
}

Figures by_messages(const Setup& setup, uint32_t lines, uint32_t cores, uint32_t operations, Report& report) {
    Memory memory(uint64_t{cores + 2} * 4 * page_bytes);
    const Machine& machine = setup.machine;
    Update update{reinterpret_cast<urpc::Line*>(memory.take(0, lines * urpc::line_size)), lines};
    std::vector<std::unique_ptr<Client>> clients;
    for (uint32_t core = 1; core < cores; ++core) {
        clients.push_back(std::make_unique<Client>(memory, machine.node_of(0), machine.node_of(core)));
    }
    Stopwatch watch;
    Engine engine(machine, setup.prices, setup.core, memory);
    Timing timing;
    Time end = 0;
    engine.start(0, [&] {
        uint64_t left = uint64_t{cores - 1} * (warm_up + operations);
        while (left != 0) {
            for (auto& client : clients) left -= serve(*client, update);
        }
    });
    for (uint32_t core = 1; core < cores; ++core) {
        engine.start(core, [&, core] {
            Client& client = *clients[core - 1];
            for (uint32_t i = 0; i < warm_up; ++i) call(client, i);
            Time began = engine.now();
            for (uint32_t i = 0; i < operations; ++i) call(client, warm_up + i);
            timing.add(began, engine.now(), operations);
            end = std::max(end, engine.now());
        });
    }
    engine.run();
    report.add(engine, end, watch.seconds(), cores);
    return Figures::of(timing.each);
}

}  // namespace

Figures measure_shared(const Setup& setup, bool by_message, uint32_t lines, uint32_t cores, uint32_t operations,
                       Report& report) {
    return by_message ? by_messages(setup, lines, cores, operations, report)
                      : in_shared_memory(setup, lines, cores, operations, report);
}

}  // namespace skerry::simulated::model
