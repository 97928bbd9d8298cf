// Pokes, or Flush requests, for several cores: FlushBatch batch; batch.add(flush); ...; batch.send().
#pragma once

#include "usr/runtime/capability.hpp"

namespace skerry::runtime {

// In as few system calls as the driver takes, and as few interrupts as the hardware does.
template <typename Cap, uint32_t before>  // so many arguments of the operation come before the further references
class Batch {
  public:
    // Errors of both: those of the operation, of the last that has one; all others hear of it.
    Status add(const Cap& cap) {
        SKERRY_ASSERT(!cap.ref.at_root());  // 32 bits tell it
        if (count_ == 0) {
            call_.target = cap.ref.word;
        } else if (count_ % 2 == 1) {
            call_.argument[before + count_ / 2] = cap.ref.word;
        } else {
            call_.argument[before + count_ / 2 - 1] |= cap.ref.word << 32;
        }
        return ++count_ == most ? send() : Status{};
    }
    Status send() {
        if (count_ == 0) return {};
        uint32_t words = before + count_ / 2;
        if (words < capabilities::invocation_arguments) call_.argument[words] = 0;  // of an earlier call
        Status told = static_cast<Error>(skerry_invoke(&call_));
        // The driver tells nobody if one of them is gone.
        if (!told.ok() && count_ > 1) {
            for (uint32_t i = 0; i < count_; ++i) {
                Status alone = invoke(at(i), Cap::operation).status();
                if (!alone.ok()) told = alone;
            }
        }
        count_ = 0;
        return told;
    }

  private:
    CapRef at(uint32_t i) const {
        if (i == 0) return CapRef{call_.target};
        uint64_t word = call_.argument[before + (i - 1) / 2];
        return CapRef{i % 2 == 1 ? word & 0xffff'ffff : word >> 32};
    }
    static constexpr uint32_t most = 1 + 2 * (capabilities::invocation_arguments - before);
    Invocation call_{0, static_cast<uint64_t>(Cap::operation), {}, {}};
    uint32_t count_ = 0;
};
using FlushBatch = Batch<FlushCap, 0>;
using PokeBatch = Batch<NotifyCap, 1>;

}  // namespace skerry::runtime
