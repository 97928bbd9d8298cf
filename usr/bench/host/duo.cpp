#include "usr/bench/host/duo.hpp"

#include <sched.h>
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

#include "platform/user/ordered_counter.hpp"
#include "platforms/base/assert.hpp"

namespace skerry {

void base::assertion_failed(const char* expression, const char* file, int line) {
    std::fprintf(stderr, "bench_host: assertion %s failed, %s:%d\n", expression, file, line);
    std::abort();
}

}  // namespace skerry

namespace skerry::bench_host {

void fail(const char* what) {
    std::fflush(stdout);
    std::fprintf(stderr, "bench_host: %s\n", what);
    std::_Exit(1);
}

uint64_t read_counter() {
    return platform::read_counter_in_order();
}

uint64_t work() {
    // Eight chains in registers, none of which waits for another: what limits them is how many a core does at once.
    uint64_t a = 1, b = 2, c = 3, d = 4, e = 5, f = 6, g = 7, h = 8;
    auto step = [](uint64_t& chain) { chain ^= chain << 1; };
    uint64_t begin = read_counter();
    for (int i = 0; i < 500; ++i) (step(a), step(b), step(c), step(d), step(e), step(f), step(g), step(h));
    uint64_t ticks = read_counter() - begin;
    [[maybe_unused]] volatile uint64_t kept = a ^ b ^ c ^ d ^ e ^ f ^ g ^ h;  // the compiler may not leave them out
    return ticks;
}

namespace {
void bind_to(int core) {
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(core, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0) fail("a thread cannot be bound to its core");
}
// How often this thread was taken off its core.
long switches() {
    rusage usage{};
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_nivcsw;
}
}  // namespace

Duo::Duo(int first, int second) {
    bind_to(first);
    thread_ = std::thread([this, second] { serve(second); });
}

Duo::~Duo() {
    ending_ = true;
    thread_.join();
}

void Duo::serve(int core) {
    bind_to(core);
    for (uint64_t turn = 1;; ++turn) {
        // Acquire: the task that was stored before it.
        while (asked_.load(std::memory_order_acquire) != turn) {
            if (ending_) return;
            platform::pause();
        }
        begun_.store(turn, std::memory_order_release);
        (*task_)();
        their_switches_ = switches();
        done_.store(turn, std::memory_order_release);
    }
}

void Duo::run(const std::function<void()>& there, const std::function<void()>& here) {
    task_ = &there;
    uint64_t turn = asked_ + 1;
    asked_.store(turn, std::memory_order_release);
    while (begun_.load(std::memory_order_acquire) != turn) platform::pause();
    here();
    while (done_.load(std::memory_order_acquire) != turn) platform::pause();
}

std::pair<uint64_t, uint64_t> Duo::work_on_both() {
    uint64_t first = work(), second = 0;
    run([&] { second = work(); }, [] {});
    return {first, second};
}

bool Duo::interrupted() {
    long now = switches() + their_switches_;
    return std::exchange(switches_seen_, now) != now;
}

}  // namespace skerry::bench_host
