#include "usr/bench/linux/reading.hpp"

#include <sys/mman.h>

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include "platform/user/context.hpp"
#include "usr/bench/linux/mechanism.hpp"
#include "usr/bench/linux/round_trip.hpp"

namespace skerry::bench_linux {

using bench::Samples;

namespace {

constexpr size_t page_bytes = 4096;
constexpr uint32_t readers_maximum = 64;
void* const place = reinterpret_cast<void*>(0x7000'0000'0000);

std::atomic<bool> there{false}, over{false};
struct alignas(64) Seen {
    volatile uint64_t number = 0;
};
Seen seen[readers_maximum];

volatile uint64_t& word() {
    return *static_cast<volatile uint64_t*>(place);
}

// The page is away: until it is back. The access is tried again then.
void wait_for_page(int) {
    while (!there.load(std::memory_order_acquire)) platform::pause();
}

void read_on(uint32_t reader) {
    if (!run_on(static_cast<int>(reader) + 1)) fail("sched_setaffinity");
    while (!over.load(std::memory_order_relaxed)) {
        seen[reader].number = word();
        platform::pause();
    }
}

void show(uint32_t readers, uint64_t number) {
    int how = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
    if (mmap(place, page_bytes, PROT_READ | PROT_WRITE, how, -1, 0) != place) fail("mmap");
    word() = number;
    there.store(true, std::memory_order_release);
    for (uint32_t i = 0; i < readers; ++i) {
        while (seen[i].number != number) platform::pause();
    }
}

void take_away() {
    if (munmap(place, page_bytes) != 0) fail("munmap");
}

uint64_t change_once(Change change, uint32_t readers, uint64_t number) {
    show(readers, number);
    there.store(false, std::memory_order_relaxed);
    uint64_t before = platform::read_cycle_counter();
    int failed = change == Change::protect ? mprotect(place, page_bytes, PROT_READ) : munmap(place, page_bytes);
    uint64_t after = platform::read_cycle_counter();
    if (failed != 0) fail("mprotect or munmap");
    if (change == Change::protect) take_away();
    return after - before;
}

}  // namespace

void change_read_page(Change change, uint32_t cores, uint32_t wanted, Samples& samples) {
    struct sigaction handling {};
    handling.sa_handler = &wait_for_page;
    if (sigaction(SIGSEGV, &handling, nullptr) != 0) fail("sigaction");
    over = there = false;
    uint64_t number = 0;
    uint32_t readers = cores - 1;
    for (uint32_t i = 0; i < readers; ++i) seen[i].number = 0;
    std::vector<std::thread> threads;
    for (uint32_t i = 0; i < readers; ++i) threads.emplace_back(&read_on, i);
    for (uint32_t i = 0; i < Samples::warm_up; ++i) change_once(change, readers, ++number);
    samples.clear(wanted);
    while (!samples.full()) samples.add(change_once(change, readers, ++number));
    show(readers, ++number);
    over = true;
    for (std::thread& thread : threads) thread.join();
    take_away();
}

}  // namespace skerry::bench_linux
