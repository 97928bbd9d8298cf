// What carries a core of a hosted machine: a thread of Linux, which sleeps while nothing is to be done.
#include <sched.h>
#include <time.h>

#include <condition_variable>
#include <mutex>
#include <thread>

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

void CoreThread::run_here(uint64_t image) {
    this_thread = this;
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

void CoreThread::sleep() {
    std::unique_lock lock(carrier_->mutex);
    while (pending_.load(std::memory_order_seq_cst) == 0) {
        uint64_t now = clock_ns();
        if (now >= deadline_) return;
        auto pause = std::chrono::nanoseconds(std::min<uint64_t>(deadline_ - now, 1'000'000'000));
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
void CoreThread::boundary() {}

}  // namespace skerry::hosted
