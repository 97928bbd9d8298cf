// Who holds which cache line of memory, and in which state: a directory of line states (MOESI) over caches without
// bounds, one a vCPU. It counts what a coherent machine must move whatever its caches' sizes.
//
//            load by another: a transfer, the owner keeps it       store by another: a transfer, all copies go
//   modified ------------------------------------> owned, shared -------------------------------------> modified there
//      ^            store by a holder: the other copies go, nothing is moved          |
//      +-------------------------------------------------------------------------------+
//
// A line that nobody has written since it came from memory comes from memory again: no transfer. One host thread alone
// may run all vCPUs, so that there is one order of all accesses.
#pragma once

#include <bitset>

#include "test/law1/pages.hpp"

namespace skerry::traffic {

using law1::vcpus_maximum;

struct Counts {
    uint64_t transfers = 0;         // lines that went from one vCPU's cache to another's
    uint64_t far_transfers = 0;     // those of them that went from package to package
    uint64_t kernel_transfers = 0;  // those of them that a kernel asked for
    uint64_t invalidations = 0;     // copies that had to go because somebody wrote

    Counts operator-(const Counts& other) const {
        return {transfers - other.transfers, far_transfers - other.far_transfers,
                kernel_transfers - other.kernel_transfers, invalidations - other.invalidations};
    }
};

class Directory {
  public:
    // A package is this many vCPUs, numbered one after the other.
    void set_package(unsigned vcpus) { package_ = vcpus; }
    // `kernel`: by an instruction of the kernel half of the address space.
    void load(unsigned vcpu, uint64_t physical, bool kernel);
    void store(unsigned vcpu, uint64_t physical, bool kernel);
    const Counts& counts() const { return counts_; }

  private:
    static constexpr uint16_t nobody = vcpus_maximum;
    struct Line {
        std::bitset<vcpus_maximum> holders;
        uint16_t owner = nobody;  // who wrote it last, and holds it: modified if alone, else owned
    };
    struct Page {
        std::array<Line, law1::lines_per_page> lines{};
    };
    Line* line(unsigned vcpu, uint64_t physical);
    void fetch(const Line& line, unsigned vcpu, bool kernel);

    law1::Pages<Page> pages_;
    unsigned package_ = vcpus_maximum;
    Counts counts_;
};

}  // namespace skerry::traffic
