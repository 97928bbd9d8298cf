// The interrupt controller: lines of devices, each routed to a number at one core, masked or not. Lines are levels: one
// that stands when it is unmasked comes then.
#pragma once

#include <array>
#include <cstdint>
#include <mutex>

#include "platforms/base/result.hpp"

namespace skerry::hosted {

class CoreThread;

class InterruptLines {
  public:
    static constexpr uint32_t count = 24;
    static constexpr uint32_t registers_bytes = 4096;  // of its place in physical memory, where nothing can be read

    // From now on the line arrives there, masked. Errors: out_of_range, busy (it is another's).
    base::Status route(uint32_t line, CoreThread& core, uint32_t vector);
    void set_mask(const CoreThread& core, uint32_t vector, bool masked);
    // By the device, from any thread.
    void set_level(uint32_t line, bool high);

  private:
    struct Line {
        CoreThread* core = nullptr;
        uint32_t vector = 0;
        bool masked = true, high = false;
    };
    void deliver(Line& line);

    std::mutex mutex_;
    std::array<Line, count> lines_{};
};

}  // namespace skerry::hosted
