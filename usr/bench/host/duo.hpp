// Two threads, each bound to a core of its own, that do the two halves of one experiment after the other.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <thread>
#include <utility>

namespace skerry::bench_host {

// Prints what is wrong and ends the program.
[[noreturn]] void fail(const char* what);

// The processor's counter, read when everything before it is done and before anything after it begins.
uint64_t read_counter();

// Ticks for a fixed piece of work that keeps all of a core's adders busy. On a core that somebody else's thread shares (the second
// one of a core with two, which a virtual host may lend to another guest) it takes longer, by a fifth to a half.
uint64_t work();

class Duo {
  public:
    // Binds the calling thread to `first` and starts another on `second`; ends the program if that cannot be.
    Duo(int first, int second);
    ~Duo();
    Duo(const Duo&) = delete;

    // Runs `there` on the second core and `here` on this one, at once; back when both have ended.
    void run(const std::function<void()>& there, const std::function<void()>& here);
    // work() on each core, one after the other, while the other side waits.
    std::pair<uint64_t, uint64_t> work_on_both();
    // Has either thread been taken off its core since the last call?
    bool interrupted();

  private:
    void serve(int core);

    const std::function<void()>* task_ = nullptr;
    alignas(64) std::atomic<uint64_t> asked_{0};
    alignas(64) std::atomic<uint64_t> begun_{0};
    alignas(64) std::atomic<uint64_t> done_{0};
    std::atomic<bool> ending_{false};
    std::atomic<long> their_switches_{0};
    long switches_seen_ = 0;
    std::thread thread_;
};

}  // namespace skerry::bench_host
