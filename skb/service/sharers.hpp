// Who shares a cache with whom: cores tell their caches one after the other, in core order.
#pragma once

#include <array>

#include "urpc/protocols/machine_info.hpp"

namespace skerry::skb {

class Sharers {
  public:
    static constexpr uint32_t levels = 4;

    // The core has a cache of that level (from 1 on) in common with those whose hardware ids >> shift are equal. -> the first
    // core that told the same cache; itself, if none has, or where it is out of range.
    uint32_t add(uint32_t core, uint32_t hardware, uint32_t level, uint32_t shift) {
        if (core >= told_.size() || level == 0 || level > levels || shift > 31) return core;
        told_[core][level - 1] = {hardware >> shift, static_cast<uint8_t>(shift), true};
        uint32_t first = 0;
        while (!(told_[first][level - 1] == told_[core][level - 1])) first++;
        return first;
    }

  private:
    struct Told {
        uint32_t group = 0;  // hardware id >> shift
        uint8_t shift = 0;
        bool any = false;
        bool operator==(const Told&) const = default;
    };
    std::array<std::array<Told, levels>, urpc::machine_cores_maximum> told_{};  // 8 KiB
};

}  // namespace skerry::skb
