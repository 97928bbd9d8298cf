// Walks the tree of buses and lists every function on it. Bounded whatever the devices say: each bus is visited once.
#pragma once

#include <span>

#include "usr/drivers/pci/function.hpp"

namespace skerry::usr::pci {

class Inventory {
  public:
    static constexpr uint32_t capacity = 96;

    // From bus 0 on, through bridges whose bus was not visited yet.
    void scan(ConfigSpace& space);

    std::span<const Function> functions() const { return {function_.data(), count_}; }
    const Function* find(Address at) const;
    uint32_t omitted() const { return omitted_; }  // functions for which there was no room
    uint32_t refused() const { return refused_; }  // bridges to a bus that was there already, ranges that make no sense
    // Whether these pages are that function's alone: no other one's range reaches into them.
    bool alone(const Function& owner, uint64_t start, uint64_t end) const;

  private:
    void visit_bus(ConfigSpace& space, uint8_t bus);
    void visit(ConfigSpace& space, Address at);

    std::array<Function, capacity> function_{};
    uint32_t count_ = 0, omitted_ = 0, refused_ = 0;
    std::array<bool, 256> known_{};  // buses that were visited, or will be
    std::array<uint8_t, 256> queue_{};
    uint32_t queued_ = 0;
};

}  // namespace skerry::usr::pci
