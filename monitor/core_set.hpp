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

  private:
    std::array<uint64_t, capacity / 64> bits_{};
};

}  // namespace skerry::monitor
