// Law 1 on metal: which vCPU's CPU driver touched which 64-byte line of memory, and when.
//
// A driver begins with its vCPU's first instruction in the kernel half of the address space. Drivers are
// numbered in the order in which they began. A touch remembers how many had begun by then. Two drivers share
// a line if the last touch of each came when the other had begun: what core 0 does with memory before it
// hands it to a core that does not run yet is forgiven, and nothing else is.
#pragma once

#include <algorithm>
#include <cstdio>

#include "test/law1/pages.hpp"

namespace skerry::law1 {

enum class Kind { load, store, fetch };

// Of one line by one vCPU. Written by that vCPU's thread alone.
struct Touch {
    uint32_t count[3] = {};    // by Kind, saturating
    uint32_t instruction = 0;  // low half of the last one's address
    // Drivers that had begun at the last touch through the window that may be shared, and at the last of any
    // other kind; 0 = there was none.
    uint16_t window = 0, plain = 0;
    uint16_t begun() const { return std::max(window, plain); }

    uint64_t address() const { return 0xffff'ffff'0000'0000 | instruction; }
};

class Lines {
  public:
    // A driver's first instruction; later calls do nothing.
    void begin(unsigned vcpu);
    bool began(unsigned vcpu) const { return order_[vcpu].load(std::memory_order_relaxed) != 0; }
    void touch(unsigned vcpu, uint64_t physical, Kind kind, uint64_t instruction, bool window);
    // After the run: all that was counted, and every line that drivers share.
    void write(std::FILE* out) const;

  private:
    struct Page {
        std::array<std::atomic<Touch*>, vcpus_maximum> touches{};
    };

    Touch* touches(unsigned vcpu, uint64_t page);
    bool shared(unsigned a, const Touch& of_a, unsigned b, const Touch& of_b) const;
    void write_shared(std::FILE* out, uint64_t physical, const Page& page, uint64_t line, uint64_t& found) const;

    Pages<Page> pages_;
    std::array<std::atomic<uint16_t>, vcpus_maximum> order_{};  // 1 = the first that began; 0 = not yet
    std::atomic<uint16_t> begun_{0};
};

}  // namespace skerry::law1
