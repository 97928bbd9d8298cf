// The memory that a dispatcher and its CPU driver share: 16 KiB, mapped read-write in the domain, owned by the
// domain. The driver believes nothing in it: wrong values harm only the domain itself.
//
//   0      DispatcherPage        256    enabled save area: the state interrupted while enabled
//   8192   disabled save area    12288  trap save area: the state at a fault, exception or foreign system call
//
// A save area starts with the platform's registers and has its extended state (XSAVE image, ...) at +512. What a message
// to another domain stores at its sender's, all of the enabled area and the words before it, lies in one page: the first
// touch of a page after a change of address space is dear.
#pragma once

#include <cstdint>

namespace skerry::capabilities {

constexpr uint64_t dispatcher_frame_size = 16384;
constexpr uint64_t save_area_size = 4096;
constexpr uint64_t enabled_area_offset = 256;
constexpr uint64_t disabled_area_offset = 8192;
constexpr uint64_t trap_area_offset = 12288;
constexpr uint64_t extended_state_offset = 512;  // within a save area; at most 3328 bytes of state

// Upcalls enter with the dispatcher disabled, on upcall_stack, with three words (a, b, c) in registers:
//   run         a = 1 if poked or woken since the last upcall, else 0
//   page_fault  a = faulting address, b = 1 read, 2 write, 4 execute; state in the trap area
//   message     a = token of the endpoint, b = SendHeader as received, c = badge, and 10 words
//   trap        a = TrapKind << 32 | number, b = address or error code; state in the trap area
enum class Upcall : uint32_t { run, page_fault, message, trap, count_ };
enum class TrapKind : uint32_t { exception = 1, system_call = 2 };

struct DispatcherPage {
    // Written by the program.
    uint64_t disabled;        // nonzero: the driver resumes, it does not upcall
    uint64_t critical_start;  // an instruction pointer in [start, end) counts as disabled, too:
    uint64_t critical_end;    //   the last steps of resuming a context at user level
    uint64_t entry[4];        // user addresses of the upcall entries, by Upcall
    uint64_t upcall_stack;    // initial stack pointer of every upcall, 16-byte aligned
    uint64_t receive_slot;    // CapRef word: the empty slot for the next capability received; 0 = none
    // Written by the spawner for the program.
    uint64_t startup;  // user address of the StartInfo (usr/runtime)
    uint64_t self;     // user address of this page
    // Written by the driver.
    uint64_t core;              // dense index of the core
    uint64_t domain;            // DomainId word
    uint64_t clock_multiplier;  // clock ns = (ticks * multiplier >> 32) + offset, ticks from the cycle counter
    int64_t clock_offset;       //   128-bit product
    uint64_t extended_size;     // bytes of extended state in a save area
    uint64_t extended_mask;     // which components (XCR0 on x86)
    uint64_t upcalls;           // number of upcalls so far
    uint64_t changes;           // KernelOperation::watch
};
static_assert(sizeof(DispatcherPage) <= enabled_area_offset && enabled_area_offset % 64 == 0);
static_assert(enabled_area_offset + save_area_size <= disabled_area_offset);

}  // namespace skerry::capabilities
