// Many programs that come, do random things with capabilities on several cores, and go: by their own will or killed in the
// middle, with what they hold shared between cores. What the memory services have afterwards is what they had before.
#pragma once

#include "usr/test/juggle/leader.hpp"

namespace skerry::usr::test::juggle {

class Crowd {
  public:
    Crowd(console::Session& session, uint32_t hands) : session_(session), hands_(hands) {}
    // Errors: those of Leader; corrupt (memory did not come back).
    Status run(uint32_t programs);
    std::string_view text() const { return text_.view(); }
    uint32_t done() const { return done_; }

  private:
    static constexpr uint32_t regions_maximum = 8;
    struct Region {
        uint64_t base = 0, size = 0, free = 0, largest_free = 0, blocks = 0, shape = 0;
        bool operator==(const Region&) const = default;
    };
    using Memory = std::array<std::array<Region, regions_maximum>, hands_maximum>;
    Status some(uint64_t seed, uint32_t steps);
    base::Result<uint64_t> unused();
    base::Result<uint64_t> unused_at_rest();
    Status wait_for_bytes(uint64_t wanted);
    Status look(Memory& memory);
    Status wait_for(const Memory& wanted);

    console::Session& session_;
    uint32_t hands_;
    uint32_t done_ = 0;
    base::Buffer<400> text_;
};

}  // namespace skerry::usr::test::juggle
