// Instructions of each vCPU between two marks, the CPU driver's included, poll loops left out. Exact and the same in
// every run where one thread runs all vCPUs and time is instructions.
//
// A poll loop is left out by its addresses (Where), or turn by turn, where all programs mark theirs:
//
//   look ... look             the first turn found nothing: all of it is dropped
//   look ... found            it found something: it counts
//   look ... (driver) ... look    it was interrupted, and may not have been one turn: it counts
#pragma once

#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace skerry::instructions {

constexpr unsigned vcpus_maximum = 256;

// Addresses of the measured program; other programs lie at the same ones, and must rest between the marks.
struct Where {
    uint64_t begin = 0, end = 0;            // the instructions that open and close an interval, on any vCPU
    uint64_t skip_begin = 0, skip_end = 0;  // the poll loop
};

class Counts {
  public:
    explicit Counts(const Where& where) : where_(where) {}

    bool counted(uint64_t address) const { return address < where_.skip_begin || address >= where_.skip_end; }
    bool mark(uint64_t address) const { return address == where_.begin || address == where_.end; }

    void executed(unsigned vcpu) { ++now_[vcpu % vcpus_maximum]; }
    void executed_by_driver(unsigned vcpu) {
        executed(vcpu);
        found(vcpu);
    }
    void look(unsigned vcpu) {
        Turn& turn = turns_[vcpu % vcpus_maximum];
        uint64_t& now = now_[vcpu % vcpus_maximum];
        if (turn.open) now = turn.since;
        turn = {now, true};
    }
    void found(unsigned vcpu) { turns_[vcpu % vcpus_maximum].open = false; }
    // A mark is executed: `vcpu` is whose interval it is. Marks out of turn are ignored.
    void passed(unsigned vcpu, uint64_t address);

    // One line an interval: vCPU of the marks, then each vCPU's count up to the last that has one.
    //   interval 0 128 45 45 61
    //   end N
    void write(std::FILE* out) const;

  private:
    using PerCpu = std::array<uint64_t, vcpus_maximum>;
    struct Interval {
        unsigned vcpu;
        std::vector<uint64_t> counts;
    };
    struct Turn {
        uint64_t since = 0;
        bool open = false;
    };
    // What is sure to count: without a turn that has not ended.
    uint64_t settled(unsigned vcpu) const { return turns_[vcpu].open ? turns_[vcpu].since : now_[vcpu]; }

    Where where_;
    PerCpu now_{}, since_{};
    std::array<Turn, vcpus_maximum> turns_{};
    bool open_ = false;
    unsigned owner_ = 0;
    std::vector<Interval> intervals_;
};

}  // namespace skerry::instructions
