// The cores of a simulated machine as fibers of one host thread. Each has a stack for its driver; its programs' contexts
// are switched to and from by the driver (platforms/hosted/core_loop.cpp), and whichever of them runs is the core.
#pragma once

#include <cstdint>
#include <vector>

#include "platforms/hosted/core_thread.hpp"

namespace skerry::simulated {

constexpr uint64_t never = ~uint64_t{0};

enum class FiberState : uint8_t { absent, ready, asleep, stopped };

struct Fiber {
    hosted::CoreThread* core = nullptr;
    FiberState state = FiberState::absent;
    uint64_t context = 0;      // while another one runs
    uint64_t image = 0;        // what it starts with
    uint64_t time = 0;         // its own virtual time, ns (fixed schedule)
    uint64_t wake_at = never;  // asleep: deadline of its timer
    std::byte* stack = nullptr;
};

class Fibers {
  public:
    static constexpr uint32_t none = ~uint32_t{0};

    explicit Fibers(size_t count) : all_(count) {}
    ~Fibers();
    Fibers(const Fibers&) = delete;
    Fibers& operator=(const Fibers&) = delete;

    size_t count() const { return all_.size(); }
    Fiber& operator[](uint32_t index) { return all_[index]; }
    uint32_t current() const { return current_; }
    Fiber& here() { return all_[current_]; }

    // Makes it ready to begin with `body`, which must not return but by leave().
    void begin(uint32_t index, void (*body)());
    // Lets that one run; returns when somebody lets the caller's run. From outside of all: when leave_all() is called.
    void go_on(uint32_t next);

  private:
    static void enter(hosted::Arrival arrival);
    void note(hosted::Arrival arrival);

    std::vector<Fiber> all_;
    uint32_t current_ = none, left_ = none;
    uint64_t outside_ = 0;
};

}  // namespace skerry::simulated
