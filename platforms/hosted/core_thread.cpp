// What carries a core of a hosted machine: a thread of Linux, which sleeps while nothing is to be done.
#include <sched.h>
#include <time.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "platforms/hosted/core_thread.hpp"
#include "platforms/hosted/world.hpp"

namespace skerry::hosted {

namespace {
thread_local CoreThread* this_thread = nullptr;
}

struct CoreThread::Carrier {
    std::thread thread;
    std::mutex mutex;
    std::condition_variable wake;
};

uint64_t clock_ns() {
    timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return static_cast<uint64_t>(time.tv_sec) * 1'000'000'000 + static_cast<uint64_t>(time.tv_nsec);
}

// Not inlined: a program may go on after years, and the compiler must not have kept the address of a thread's variable.
[[gnu::noinline]] CoreThread& CoreThread::here() {
    asm volatile("");
    return *this_thread;
}
[[gnu::noinline]] bool CoreThread::anywhere() {
    asm volatile("");
    return this_thread != nullptr;
}

CoreThread::CoreThread(World& world, uint64_t hardware)
    : world_(world), hardware_(hardware), carrier_(std::make_unique<Carrier>()) {}

CoreThread::~CoreThread() {
    if (carrier_->thread.joinable()) carrier_->thread.join();
}

namespace {
// Those of Linux's cores that this process may use, as it found them: a thread inherits what its maker was bound to.
const std::vector<int>& host_cores() {
    static const std::vector<int> found = [] {
        std::vector<int> cores;
        cpu_set_t set;
        CPU_ZERO(&set);
        if (sched_getaffinity(0, sizeof set, &set) != 0) return cores;
        for (int core = 0; core < CPU_SETSIZE; ++core) {
            if (CPU_ISSET(core, &set)) cores.push_back(core);
        }
        return cores;
    }();
    return found;
}

// A core of Linux's for each of ours. If there are too few, none is bound: two that share one would stop each other.
void bind_thread(const std::vector<MachineShape::Core>& cores, uint64_t hardware) {
    const std::vector<int>& host = host_cores();
    if (cores.size() > host.size()) return;
    for (size_t i = 0; i < cores.size(); ++i) {
        if (cores[i].hardware != hardware) continue;
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(host[i], &set);
        (void)sched_setaffinity(0, sizeof set, &set);  // if Linux has changed its mind: a thread that moves
    }
}
}  // namespace

void CoreThread::run_here(uint64_t image) {
    this_thread = this;
    bind_thread(world_.shape().cores, hardware_);
    run(image);
}

// A second STARTUP finds it running; one after INIT waits until the thread has seen that.
void CoreThread::start(uint64_t image) {
    std::thread& thread = carrier_->thread;
    if (thread.joinable()) {
        if ((pending_.load(std::memory_order_relaxed) & stop_bit) == 0) return;
        thread.join();
    }
    pending_.store(0, std::memory_order_relaxed);
    thread = std::thread([this, image] { run_here(image); });
}

void CoreThread::stop() {
    if (carrier_->thread.joinable()) raise(stop_bit);
}

void CoreThread::raise(uint32_t bits) {
    pend(bits);
    std::lock_guard guard(carrier_->mutex);
    carrier_->wake.notify_one();
}

void CoreThread::sleep(uint64_t limit) {
    limit = std::min(limit, deadline_);
    std::unique_lock lock(carrier_->mutex);
    while (pending_.load(std::memory_order_seq_cst) == 0) {
        uint64_t now = clock_ns();
        if (now >= limit) return;
        auto pause = std::chrono::nanoseconds(std::min<uint64_t>(limit - now, 1'000'000'000));
        carrier_->wake.wait_for(lock, pause);
    }
}

void CoreThread::relax() {
    if (world_.oversubscribed()) {
        sched_yield();
    } else {
        __builtin_ia32_pause();
    }
}

// Threads go first when they like.
void CoreThread::boundary(const Trap*) {}
void CoreThread::interrupted() {}
void CoreThread::space_changed() {}
void CoreThread::translation_dropped() {}

}  // namespace skerry::hosted
