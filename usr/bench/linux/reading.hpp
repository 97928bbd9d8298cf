// What Linux does when a page changes that other cores are reading all the time: its own TLB shootdown.
#pragma once

#include <cstdint>

#include "usr/bench/linux/unmap.hpp"

namespace skerry::bench_linux {

// A page that this thread, on core 0, has written. On each of the other `cores` a thread reads it, pauses, and repeats,
// and makes no system call; while it is not there, its signal handler waits. One change a sample, by this thread.
void change_read_page(Change change, uint32_t cores, uint32_t wanted, bench::Samples& samples);

}  // namespace skerry::bench_linux
