// A set of cores by dense index: of any size that a machine may have, not of a machine word's.
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "platforms/base/assert.hpp"
#include "platforms/base/ids.hpp"
#include "urpc/protocols/machine_info.hpp"

namespace skerry::monitor {

class CoreSet {
  public:
    static constexpr uint32_t capacity = urpc::machine_cores_maximum;

    void add(base::CoreId core) {
        SKERRY_ASSERT(core.value < capacity);
        bits_[core.value / 64] |= uint64_t{1} << core.value % 64;
    }
    bool contains(base::CoreId core) const {
        return core.value < capacity && (bits_[core.value / 64] >> core.value % 64 & 1) != 0;
    }
    void remove(base::CoreId core) {
        if (core.value < capacity) bits_[core.value / 64] &= ~(uint64_t{1} << core.value % 64);
    }
    void add(const CoreSet& others) {
        for (uint32_t i = 0; i < bits_.size(); ++i) bits_[i] |= others.bits_[i];
    }
    uint32_t size() const {
        // Not std::popcount, which for a plain x86-64 is a call into the compiler's library; programs here have none.
        uint32_t sum = 0;
        for (uint64_t word : bits_) {
            for (; word != 0; word &= word - 1) ++sum;
        }
        return sum;
    }
    bool operator==(const CoreSet&) const = default;
    bool empty() const {
        for (uint64_t word : bits_) {
            if (word != 0) return false;
        }
        return true;
    }
    // Takes the core with the least index out. The set must not be empty.
    base::CoreId take() {
        for (uint32_t i = 0; i < bits_.size(); ++i) {
            if (bits_[i] == 0) continue;
            auto bit = static_cast<uint32_t>(std::countr_zero(bits_[i]));
            bits_[i] &= bits_[i] - 1;
            return base::CoreId{i * 64 + bit};
        }
        SKERRY_ASSERT(!"a core from an empty set");
        return base::CoreId{};
    }

    // As it travels between monitors.
    using Words = std::array<uint64_t, capacity / 64>;
    const Words& words() const { return bits_; }
    static CoreSet of(const Words& words) {
        CoreSet set;
        set.bits_ = words;
        return set;
    }

  private:
    Words bits_{};
};

}  // namespace skerry::monitor
