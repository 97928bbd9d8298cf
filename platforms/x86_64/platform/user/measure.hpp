// For benchmarks: reads of the cycle counter next to the instructions in question, and vector registers that
// are certainly in use. platform/user/measure.S has the code; every instruction between two reads is in the
// counts.
#pragma once

#include <cstdint>

namespace skerry::platform {

// The counter is read at both ends of a loop of 2 * rounds instructions; this many more lie between the
// reads, the second read included. So where a tick is an instruction, loop_ticks(n) == 2 * n + loop_extra.
constexpr uint64_t loop_extra = 4;
// Between the sender's read of the counter and its SYSCALL; the receiver's read is one more.
constexpr uint64_t send_extra = 1;

extern "C" {
uint64_t skerry_measure_loop(uint64_t rounds);

// Sends words {counter's high half, its low half, value} with all vector registers filled from `value`. Error
// in the low half; in the high half how many vector registers had changed when the sender went on.
uint64_t skerry_measure_send(uint64_t endpoint, uint64_t header, uint64_t value);

// All vector registers are in use afterwards, filled from `value`.
void skerry_measure_fill(uint64_t value);

// A message upcall that reads the counter in its first instruction, then goes to the usual entry with: badge
// = the counter, word 0 = 1 if a vector register was not clean, else 0.
void skerry_entry_measured();
void skerry_entry_message();
}

}  // namespace skerry::platform
