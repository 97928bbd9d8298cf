// Makes a domain from an ELF image: capability space, address space, dispatcher. Everything is made of one
// block of RAM, so that revoking that block ends every trace of the domain. Used by init and the monitors.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "platforms/base/ids.hpp"
#include "usr/runtime/address_space.hpp"
#include "usr/runtime/start_info.hpp"

namespace skerry::runtime {

// A capability for the child: a copy, or a minted one if rights or badge say so.
struct Grant {
    CapRef destination;  // in the child's CNode 0
    CapRef source;       // in the own space
    Rights rights = Rights::all;
    uint32_t badge = 0;
};

struct SpawnOptions {
    std::string_view name;
    std::span<const std::string_view> arguments;
    base::DomainId domain;
    base::DomainId parent;
    base::CoreId core;
    uint32_t core_count = 1;
    uint64_t weight = 0;     // best-effort share; 0 = the driver's default
    uint64_t budget_ns = 0;  // with period_ns: a hard reservation instead
    uint64_t period_ns = 0;
    uint64_t stack_bytes = 0;                // 0 = the 64 KiB in the program's image
    uint64_t heap_bytes = 16 * 1024 * 1024;  // of addresses; memory comes when touched. 0 = no heap
    uint64_t flags = 0;                      // start_flags
    uint64_t word[4] = {};                   // StartInfo::word
    // Unbadged endpoints to send to; null = none. The child's copies are badged with the domain's counter.
    CapRef memory_endpoint;
    CapRef monitor_endpoint;
    CapRef fault_endpoint;  // hears of a fault while disabled
    // A zeroed frame with the URPC rings to the monitor, mapped into the child; null = none.
    CapRef ring_frame;
    uint64_t ring_bytes = 0;
    std::span<const Grant> grants;
    // A member of a program that runs elsewhere already: what lies within [shared_start, shared_end) of its image is not
    // made anew but mapped from this frame, which is that program's whole image. null = not a member.
    CapRef shared_image;
    uint64_t shared_start = 0, shared_end = 0;
};

// A domain that was made, not yet started. Its maker holds this.
struct SpawnedDomain {
    base::DomainId id;
    RamBlock memory;                           // all of it
    uint64_t image_base = 0, image_bytes = 0;  // physical: the part that is its image
    Owned dispatcher;                          // start, stop, read_state
    Owned endpoint;                            // of the child, unbadged, all rights: mint from it what others send to
    Owned notify;                              // pokes it
    Owned root_cnode;                          // its capability space, for more grants

    Status start() const { return DispatcherCap{dispatcher.ref()}.start(); }
    Status grant(const Grant& grant) const;
    // Ends it and gives its memory back to where it came from.
    void destroy(RamSource& source);
};

// What the spawner works with: its own slots and address space (for copying), and where the child's RAM comes
// from.
struct Spawner {
    SlotAllocator& slots;
    AddressSpace& own_space;
    RamSource& source;
};

// Errors: those of image::parse_elf; out_of_range (arguments, sizes); no_memory; the driver's. After an error
// all is as before. `problem` (may be null): one line about a bad image.
Result<SpawnedDomain> spawn(Spawner spawner, std::span<const std::byte> image, const SpawnOptions& options,
                            const char** problem = nullptr);

}  // namespace skerry::runtime
