// What the directory counted between a program's marks (platform/user/mark.hpp).
#pragma once

#include <cstdio>
#include <vector>

#include "test/traffic/directory.hpp"
#include "test/traffic/mark.hpp"

namespace skerry::traffic {

class Tally {
  public:
    // A mark is executed. A sample's marks are one vCPU's; others' are ignored, as are those before the first series, and poll loops.
    void passed(Mark mark, unsigned vcpu, const Counts& now);
    // A program has begun to mark: before that, nothing needs to be counted.
    bool begun() const { return !series_.empty(); }
    // Samples of each series that has any:
    //   series
    //   sample TRANSFERS FAR_TRANSFERS KERNEL_TRANSFERS INVALIDATIONS
    //   end SERIES
    void write(std::FILE* out) const;

  private:
    static constexpr size_t samples_maximum = 1 << 20;
    void close(unsigned vcpu, const Counts& now);
    void open(unsigned vcpu, const Counts& now);

    std::vector<std::vector<Counts>> series_;
    bool open_ = false;
    unsigned owner_ = 0;
    Counts since_;
};

}  // namespace skerry::traffic
