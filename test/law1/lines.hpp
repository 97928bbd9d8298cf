// Law 1 on metal: which vCPU's CPU driver touched which 64-byte line of memory, and when.
//
// A driver begins with its vCPU's first instruction in the kernel half of the address space. Drivers are
// numbered in the order in which they began. A touch remembers how many had begun by then. Two drivers share
// a line if the last touch of each came when the other had begun: what core 0 does with memory before it
// hands it to a core that does not run yet is forgiven, and nothing else is.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstdio>

namespace skerry::law1 {

constexpr unsigned vcpus_maximum = 256;
constexpr uint64_t line_bytes = 64, page_bytes = 4096, lines_per_page = page_bytes / line_bytes;

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
    static constexpr uint64_t pages_per_block = 1 << 18, blocks = 1 << 10;  // a block covers 1 GiB
    using Block = std::array<std::atomic<Page*>, pages_per_block>;

    Touch* touches(unsigned vcpu, uint64_t page);
    bool shared(unsigned a, const Touch& of_a, unsigned b, const Touch& of_b) const;
    template <typename Visit>
    void for_each_page(Visit&& visit) const;
    void write_shared(std::FILE* out, uint64_t physical, const Page& page, uint64_t line, uint64_t& found) const;

    std::array<std::atomic<Block*>, blocks> blocks_{};
    std::array<std::atomic<uint16_t>, vcpus_maximum> order_{};  // 1 = the first that began; 0 = not yet
    std::atomic<uint16_t> begun_{0};
};

}  // namespace skerry::law1
