// The per-core trace ring: 16-byte events, always on, overwriting the oldest.
//   word 0: time, ns of this core's clock
//   word 1: kind 8 | argument 56
#pragma once

#include <array>
#include <cstdint>

namespace skerry::cpudriver {

enum class TraceKind : uint8_t {
    none,
    switch_to,    // domain counter
    system_call,  // number without the top bit
    send,         // badge
    receive,      // token
    page_fault,   // address
    exception,    // number
    timer,
    poke,
    interrupt,  // vector
    idle,
    fault,  // FaultKind: a dispatcher ended
};

struct TraceEvent {
    uint64_t time;
    uint64_t word;
};
static_assert(sizeof(TraceEvent) == 16);

class Trace {
  public:
    static constexpr uint64_t capacity = 1024;  // events: 16 KiB of the image

    void add(uint64_t time, TraceKind kind, uint64_t argument) {
        ring_[written_ % capacity] = {time,
                                      uint64_t{static_cast<uint8_t>(kind)} << 56 | (argument & (~uint64_t{0} >> 8))};
        written_++;
    }
    // Events are numbered from 0; those before first() are overwritten.
    uint64_t first() const { return written_ > capacity ? written_ - capacity : 0; }
    uint64_t end() const { return written_; }
    TraceEvent event(uint64_t position) const { return ring_[position % capacity]; }

  private:
    std::array<TraceEvent, capacity> ring_{};
    uint64_t written_ = 0;
};

}  // namespace skerry::cpudriver
