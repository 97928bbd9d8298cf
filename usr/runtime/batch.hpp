// Pokes, or Flush requests, for several cores: FlushBatch batch; batch.add(flush); ...; batch.send().
#pragma once

#include <array>

#include "usr/runtime/capability.hpp"

namespace skerry::runtime {

// In as few system calls as the driver takes, and as few interrupts as the hardware does.
template <typename Cap, uint32_t before>  // so many arguments of the operation come before the further references
class Batch {
  public:
    // Errors of both: those of the operation, of the last that has one; all others hear of it.
    Status add(const Cap& cap) {
        caps_[count_++] = cap;
        return count_ == most ? send() : Status{};
    }
    Status send() {
        if (count_ == 0) return {};
        Invocation call{caps_[0].ref.word, static_cast<uint64_t>(Cap::operation), {}, {}};
        for (uint32_t i = 1; i < count_; ++i) call.argument[before + i - 1] = caps_[i].ref.word;
        Status told = static_cast<Error>(skerry_invoke(&call));
        // The driver tells nobody if one of them is gone.
        if (!told.ok() && count_ > 1) {
            for (uint32_t i = 0; i < count_; ++i) {
                Status alone = invoke(caps_[i].ref, Cap::operation).status();
                if (!alone.ok()) told = alone;
            }
        }
        count_ = 0;
        return told;
    }

  private:
    static constexpr uint32_t most = 1 + capabilities::invocation_arguments - before;
    std::array<Cap, most> caps_{};
    uint32_t count_ = 0;
};
using FlushBatch = Batch<FlushCap, 0>;
using PokeBatch = Batch<NotifyCap, 1>;

}  // namespace skerry::runtime
