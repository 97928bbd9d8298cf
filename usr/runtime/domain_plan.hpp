// The sizes of a domain before anything of it is made: pure arithmetic over a checked ELF image.
#pragma once

#include "platforms/image/elf.hpp"
#include "usr/runtime/domain_layout.hpp"
#include "usr/runtime/spawn.hpp"

namespace skerry::runtime {

struct PlannedRange {
    uint64_t address = 0;  // user address, page aligned
    uint64_t bytes = 0;    // multiple of a page
    uint64_t offset = 0;   // in the image frame
    uint64_t flags = 0;    // map_flags
};

struct DomainPlan {
    image::Elf elf;
    base::Bounded<PlannedRange, image::elf_segments_maximum + 2> ranges;  // segments, StartInfo, stack
    uint64_t start_info_offset = 0;                                       // in the image frame
    uint64_t image_bytes = 0;                                             // of the image frame
    uint32_t tables = 0;                                                  // page tables below the root
    uint64_t block_bytes = 0;                                             // of everything

    // Errors: as spawn.
    static Result<DomainPlan> make(std::span<const std::byte> image, const SpawnOptions& options, const char** problem);
};

}  // namespace skerry::runtime
