// The memory of a core that is about to be started: taken, filled, and no longer ours.
#pragma once

#include "monitor/monitor.hpp"

namespace skerry::monitor {

// What every core gets; checked once.
struct CoreFiles {
    image::ArchiveEntry driver, program;
};
struct LaidCore {
    base::PhysAddr image;
    base::VirtAddr entry;
};

// Where the wish can be met, there; `place` tells where it lies. The core's entry knows of its memory from now on. Errors: those
// of memory and of the files; then all memory has come back.
base::Result<LaidCore> lay_core(Monitor& monitor, const CoreFiles& files, uint32_t index, const CoreWish& wish,
                                const Peer& peer, CorePlace& place);

}  // namespace skerry::monitor
