#include "usr/bench/linux/round_trip.hpp"

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "platform/user/context.hpp"
#include "platform/user/mark.hpp"

namespace skerry::bench_linux {

using bench::Samples;
using platform::Mark;
using platform::mark;

namespace {

void serve(Mechanism& mechanism, uint32_t rounds) {
    for (uint32_t i = 1; i <= rounds; ++i) mechanism.send(1, mechanism.receive(0) + 1);
}

void ask(Mechanism& mechanism, uint32_t rounds, Samples& samples) {
    for (uint32_t i = 1; i <= rounds; ++i) {
        if (i > Samples::warm_up) mark<Mark::begin>();
        uint64_t before = platform::read_cycle_counter();
        mechanism.send(0, i);
        uint64_t answer = mechanism.receive(1);
        uint64_t after = platform::read_cycle_counter();
        mark<Mark::end>();
        if (answer != uint64_t{i} + 1) fail("a wrong answer");
        if (i > Samples::warm_up) samples.add(after - before);
    }
}

}  // namespace

bool run_on(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

void round_trips(std::string_view name, Sides sides, int server_core, uint32_t wanted, Samples& samples) {
    samples.clear(wanted);
    mark<Mark::series>();
    const uint32_t rounds = Samples::warm_up + wanted;
    auto mechanism = make_mechanism(name, sides == Sides::processes);
    if (!mechanism) fail("no such mechanism");
    auto server = [&] {
        if (!run_on(server_core)) fail("sched_setaffinity");
        serve(*mechanism, rounds);
    };
    if (sides == Sides::threads) {
        std::thread thread(server);
        ask(*mechanism, rounds, samples);
        thread.join();
        return;
    }
    pid_t child = fork();
    if (child < 0) fail("fork");
    if (child == 0) {
        server();
        _exit(0);
    }
    ask(*mechanism, rounds, samples);
    if (waitpid(child, nullptr, 0) != child) fail("waitpid");
}

void bare_line(uint32_t wanted, Samples& samples) {
    struct alignas(64) Word {
        std::atomic<uint32_t> value{0};
    };
    static Word there, back;
    there.value = back.value = 0;
    samples.clear(wanted);
    const uint32_t rounds = Samples::warm_up + wanted;
    std::thread server([rounds] {
        if (!run_on(1)) fail("sched_setaffinity");
        for (uint32_t i = 1; i <= rounds; ++i) {
            while (there.value.load(std::memory_order_acquire) != i) {
            }
            back.value.store(i, std::memory_order_release);
        }
    });
    for (uint32_t i = 1; i <= rounds; ++i) {
        uint64_t before = platform::read_cycle_counter();
        there.value.store(i, std::memory_order_release);
        while (back.value.load(std::memory_order_acquire) != i) {
        }
        uint64_t after = platform::read_cycle_counter();
        if (i > Samples::warm_up) samples.add(after - before);
    }
    server.join();
}

}  // namespace skerry::bench_linux
