#include "usr/bench/linux/unmap.hpp"

#include <sys/mman.h>

#include <atomic>
#include <thread>
#include <vector>

#include "platform/user/context.hpp"
#include "platform/user/mark.hpp"
#include "usr/bench/linux/mechanism.hpp"
#include "usr/bench/linux/round_trip.hpp"

namespace skerry::bench_linux {

using bench::Samples;
using platform::Mark;
using platform::mark;

namespace {

constexpr size_t page_bytes = 4096;

// Threads that read a page when they are told to.
class Readers {
  public:
    explicit Readers(uint32_t count) : count_(count) {
        for (uint32_t i = 0; i < count; ++i) {
            threads_.emplace_back([this, i] {
                if (!run_on(static_cast<int>(i) + 1)) fail("sched_setaffinity");
                serve();
            });
        }
    }
    ~Readers() {
        page_.store(nullptr, std::memory_order_relaxed);
        turn_.fetch_add(1, std::memory_order_release);
        for (std::thread& thread : threads_) thread.join();
    }
    // Returns when all have read it.
    void read(const volatile char* page) {
        done_.store(0, std::memory_order_relaxed);
        page_.store(page, std::memory_order_relaxed);
        turn_.fetch_add(1, std::memory_order_release);  // publishes both
        while (done_.load(std::memory_order_acquire) != count_) platform::pause();
    }

  private:
    void serve() {
        for (uint32_t seen = 0;; ++seen) {
            while (turn_.load(std::memory_order_acquire) == seen) platform::pause();
            const volatile char* page = page_.load(std::memory_order_relaxed);
            if (page == nullptr) return;
            (void)*page;
            done_.fetch_add(1, std::memory_order_release);
        }
    }
    uint32_t count_;
    alignas(64) std::atomic<uint32_t> turn_{0};
    std::atomic<const volatile char*> page_{nullptr};
    alignas(64) std::atomic<uint32_t> done_{0};
    std::vector<std::thread> threads_;
};

char* fresh_page() {
    void* page = mmap(nullptr, page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) fail("mmap");
    return static_cast<char*>(page);
}

uint64_t change_once(Change change, Readers& readers) {
    char* page = fresh_page();
    *page = 1;
    readers.read(page);
    mark<Mark::begin>();
    uint64_t before = platform::read_cycle_counter();
    int failed = change == Change::protect ? mprotect(page, page_bytes, PROT_READ) : munmap(page, page_bytes);
    uint64_t after = platform::read_cycle_counter();
    mark<Mark::end>();
    if (failed != 0) fail("mprotect or munmap");
    if (change == Change::protect && munmap(page, page_bytes) != 0) fail("munmap");
    return after - before;
}

}  // namespace

void change_page(Change change, uint32_t cores, uint32_t wanted, Samples& samples) {
    samples.clear(wanted);
    Readers readers(cores - 1);
    for (uint32_t i = 0; i < Samples::warm_up; ++i) change_once(change, readers);
    mark<Mark::series>();
    while (!samples.full()) samples.add(change_once(change, readers));
}

}  // namespace skerry::bench_linux
