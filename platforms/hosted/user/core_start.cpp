#include "platform/user/core_start.hpp"

#include <new>

namespace skerry::platform {

using base::Error;

base::Result<CoreStarter> CoreStarter::prepare(std::byte* memory, base::PhysAddr physical) {
    if (!physical.aligned(base::page_size)) return Error::misaligned;
    if (physical.value + start_frame_size > 0x10'0000) return Error::out_of_range;
    CoreStarter starter;
    starter.memory_ = memory;
    starter.physical_ = physical;
    return starter;
}

base::Status CoreStarter::write(base::PhysAddr image_base, base::VirtAddr) {
    new (memory_) StartFrame{StartFrame::expected, image_base.value};
    return {};
}

}  // namespace skerry::platform
