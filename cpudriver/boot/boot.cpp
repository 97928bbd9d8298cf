#include "cpudriver/boot/first_program.hpp"

namespace skerry::cpudriver {

base::Status Core::boot(const capabilities::BootRecord& record, const char*& reason) {
    SKERRY_ASSERT(record.magic == capabilities::boot_record_magic && current_ == nullptr);
    id_ = base::CoreId{record.core};
    image_ = base::PhysAddr{record.image_base};
    image_size_ = record.image_size;
    trace_.start(record.core, 0);
    trace_.header.clock_multiplier = machine_.clock_multiplier();
    // Behind the starter's clock, however far ahead the cycle counter is: it is set forward later, and never back.
    if (record.clock_start != 0) clock_offset_ = static_cast<int64_t>(record.clock_start - machine_.now());
    trace_.header.clock_offset = clock_offset_;
    slice_start_ = idle_since_ = now();
    return FirstProgram(*this, record).build(reason);
}

}  // namespace skerry::cpudriver
