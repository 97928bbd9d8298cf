#include "monitor/core_image.hpp"

#include <cstring>

#include "monitor/domain_table.hpp"
#include "platforms/base/assert.hpp"

namespace skerry::monitor {

using base::Error;
using base::page_size;
using base::Result;
using base::round_up;
using base::Status;

namespace {
constexpr uint64_t image_maximum = image_block_bytes;  // what a core start maps
constexpr uint64_t block_alignment = 2 * 1024 * 1024;  // what withdraw and large pages want
constexpr uint64_t smallest_rest = 4 * 1024 * 1024;    // RAM that must be left

bool aligned(const Block& block) {
    return block.base.aligned(block_alignment) && block.bytes % block_alignment == 0;
}
}  // namespace

Result<CoreImage> plan_core_image(std::span<const std::byte> driver, std::span<const std::byte> program,
                                  const image::ElfRules& rules, const CoreBlocks& blocks) {
    if (!aligned(blocks.image) || !aligned(blocks.ram)) return Error::misaligned;
    CoreImage plan;
    plan.driver = SKERRY_TRY(image::parse_elf(driver, rules));
    const auto& segments = plan.driver.segments;
    SKERRY_ASSERT(!segments.empty());  // parse_elf refuses a file without any
    plan.link_base = segments[0].address;
    if (!plan.link_base.aligned(page_size)) return Error::misaligned;
    plan.image_bytes = round_up(segments[segments.size() - 1].last() - plan.link_base + 1, page_size);
    plan.program_bytes = round_up(program.size(), page_size);
    if (plan.image_bytes > image_maximum) return Error::out_of_range;
    if (plan.image_bytes < sizeof(capabilities::BootRecord)) return Error::corrupt;
    uint64_t in_front = blocks.one() ? plan.image_bytes : 0;
    if (blocks.image.bytes < plan.image_bytes) return Error::no_memory;
    if (blocks.ram.bytes < in_front + plan.program_bytes + smallest_rest) return Error::no_memory;
    return plan;
}

void copy_driver(const CoreImage& plan, std::span<std::byte> memory) {
    SKERRY_ASSERT(memory.size() >= plan.image_bytes);
    std::memset(memory.data(), 0, plan.image_bytes);
    for (const image::ElfSegment& segment : plan.driver.segments) {
        uint64_t offset = segment.address - plan.link_base;
        SKERRY_ASSERT(offset + segment.contents.size() <= plan.image_bytes);
        if (segment.contents.empty()) continue;
        std::memcpy(memory.data() + offset, segment.contents.data(), segment.contents.size());
    }
}

Status fill_record(const CoreImage& plan, const CoreBlocks& blocks, const urpc::MachineInfo& machine,
                   const CoreStart& start, capabilities::BootRecord& record) {
    SKERRY_ASSERT(start.index < machine.core_count);
    bool runs = false;
    for (const image::ElfSegment& segment : plan.driver.segments) {
        runs |= segment.executable && segment.contains(base::VirtAddr{record.entry});
    }
    if (!runs) return Error::corrupt;
    uint64_t entry = record.entry;
    std::memset(static_cast<void*>(&record), 0, sizeof record);
    record.magic = capabilities::boot_record_magic;
    record.entry = entry;
    record.core = start.index;
    record.hardware_id = machine.core[start.index].hardware_id;
    record.image_base = blocks.image.base.value;
    record.image_size = plan.image_bytes;
    record.clock_multiplier = machine.clock_multiplier;
    record.timer_multiplier = machine.timer_multiplier;
    record.clock_start = start.now;
    record.poke_area = machine.poke_area;
    record.program_base = blocks.ram.base.value + blocks.ram.bytes - plan.program_bytes;
    record.program_size = start.program_size;
    record.archive_base = machine.archive_base;
    record.archive_size = machine.archive_size;
    record.firmware_root_size = machine.firmware_root_size;
    std::memcpy(record.firmware_root, machine.firmware_root, sizeof record.firmware_root);
    record.join_frame_base = start.join_frame;
    record.join_frame_size = start.join_frame_size;
    record.join_notify = start.join_notify;
    std::memcpy(record.command_line, machine.command_line, sizeof record.command_line);
    record.first_domain_counter = domain_counter::monitor;
    record.ram_count = 1;
    uint64_t in_front = blocks.one() ? plan.image_bytes : 0;
    record.ram[0] = {blocks.ram.base.value + in_front, blocks.ram.bytes - in_front};
    return {};
}

}  // namespace skerry::monitor
