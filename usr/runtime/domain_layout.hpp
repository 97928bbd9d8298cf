// Where things lie in a spawned domain: user addresses, and offsets in the one block of RAM that it is made
// of.
//
//   addresses   0x400000 program segments | root entry 1: heap, then free | 0x7e00'0000'0000: below
//                 +0x10'0000 dispatcher page | +0x10'8000 StartInfo | +0x11'0000 monitor ring | gap | stack
//   block       CNode 0 | dispatcher frame | root CNode, dispatcher, endpoint, page tables | image frame
//               (the image frame holds segments, StartInfo, stack)
#pragma once

#include <cstdint>

#include "platform/page_table.hpp"
#include "platforms/base/ids.hpp"

namespace skerry::runtime::domain_layout {

constexpr uint64_t root_span = platform::PageTable::bytes_per_entry(platform::PageTable::levels);
constexpr uint64_t program_lowest = 0x40'0000;
constexpr uint64_t program_last = root_span - 1;
constexpr uint64_t heap_base = root_span;
constexpr uint64_t free_end = 8 * root_span;  // of the range that the program maps as it likes

constexpr uint64_t system_base = 0x7e00'0000'0000;
constexpr uint64_t dispatcher_address = system_base + 0x10'0000;
constexpr uint64_t start_info_address = system_base + 0x10'8000;
constexpr uint64_t ring_address = system_base + 0x11'0000;
constexpr uint64_t ring_maximum = 0x4'0000;
constexpr uint64_t stack_address = system_base + 0x18'0000;  // unmapped below, back to the ring
constexpr uint64_t stack_maximum = 8 * 1024 * 1024;
constexpr uint64_t initial_stack_top = dispatcher_address + 4096;  // the first upcall's: the rest of the page

constexpr uint64_t endpoint_bytes = 4096;
constexpr uint64_t image_maximum = 64 * 1024 * 1024;
constexpr uint32_t tables_maximum = 64;

}  // namespace skerry::runtime::domain_layout
