// Exact instruction counts by vCPU, and of every stretch from one instruction to another on the same vCPU.
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <deque>
#include <vector>

#include "test/law1/lines.hpp"

namespace skerry::law1 {

// One translated instruction.
struct Site {
    uint64_t address = 0;
    bool from = false, to = false, kernel = false;
    uint64_t inside = 0;  // executions within finished stretches; exact where one thread runs all vCPUs
};

class Counts {
  public:
    // 0, 0: no stretches.
    void between(uint64_t from, uint64_t to) { from_ = from, to_ = to; }
    Site* site(uint64_t address);  // under QEMU's translation lock
    void executed(unsigned vcpu, Site& site);
    void write(std::FILE* out) const;

  private:
    static constexpr size_t stretches_maximum = 1 << 20;
    static constexpr size_t steps_maximum = 1 << 16;  // a longer stretch is counted, its sites are not
    struct alignas(64) Counter {
        uint64_t user = 0, kernel = 0, since = 0;
        bool inside = false;
        std::vector<uint64_t> stretches;
        std::vector<Site*> steps;  // of the stretch that runs
    };
    uint64_t from_ = 0, to_ = 0;
    std::array<Counter, vcpus_maximum> counters_;
    std::deque<Site> sites_;
};

}  // namespace skerry::law1
