// What a processor would keep of its walks through page tables: for who wants to know whether it would ever be stale.
#pragma once

#include <array>
#include <cstdint>

#include "platform/page_table.hpp"

namespace skerry::hosted {

struct Translation {
    uint64_t root = 0;                                             // physical
    uint64_t address = 0;                                          // of a program
    std::array<uint64_t, platform::PageTable::levels> entry = {};  // by level - 1: what the walk met; 0 below its end
};

class Translations {
  public:
    virtual void used(uint64_t hardware, const Translation& translation) = 0;
    virtual void flushed(uint64_t hardware, uint64_t address) = 0;  // one page
    virtual void flushed(uint64_t hardware) = 0;                    // the space

  protected:
    ~Translations() = default;
};

}  // namespace skerry::hosted
