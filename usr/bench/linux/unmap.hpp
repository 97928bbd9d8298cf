// What Linux does when a page goes that other cores have used, too: its own TLB shootdown.
#pragma once

#include <cstdint>

#include "usr/bench/message/samples.hpp"

namespace skerry::bench_linux {

enum class Change { protect, unmap };  // mprotect of a page to read-only; munmap of it

// A page that this thread, on core 0, has written and a thread on each of the other `cores` has read just before; one
// change a sample, by this thread. The others poll meanwhile.
void change_page(Change change, uint32_t cores, uint32_t wanted, bench::Samples& samples);

}  // namespace skerry::bench_linux
