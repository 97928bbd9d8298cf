#include "usr/runtime/domain_plan.hpp"

#include "capabilities/interface/dispatcher_page.hpp"

namespace skerry::runtime {

using base::page_size;
using base::round_down;
using base::round_up;
using Format = platform::PageTable;
namespace map_flags = capabilities::map_flags;
namespace layout = domain_layout;

namespace {

// How many tables of one level the ranges and the system area need. Ranges ascend, so equal neighbours
// suffice.
uint32_t tables_of_level(const DomainPlan& plan, uint64_t ring_bytes, uint32_t level) {
    uint64_t reach = Format::bytes_per_entry(level) * Format::entries;
    uint32_t count = 0;
    uint64_t last = ~uint64_t{0};
    auto add = [&](uint64_t address, uint64_t bytes) {
        for (uint64_t at = round_down(address, reach); at < address + bytes; at += reach) {
            if (at == last) continue;
            last = at;
            ++count;
        }
    };
    bool system_done = false;
    for (const PlannedRange& range : plan.ranges) {
        if (range.address >= layout::system_base && !system_done) {
            add(layout::dispatcher_address, capabilities::dispatcher_frame_size);
            add(layout::start_info_address, page_size);
            if (ring_bytes != 0) add(layout::ring_address, ring_bytes);
            system_done = true;
        }
        add(range.address, range.bytes);
    }
    return count;
}

Status check_options(const SpawnOptions& o) {
    if (o.stack_bytes > layout::stack_maximum || o.heap_bytes > layout::root_span) return Error::out_of_range;
    if (o.ring_bytes > layout::ring_maximum || o.ring_bytes % page_size != 0) return Error::out_of_range;
    if (o.ring_frame.null() != (o.ring_bytes == 0)) return Error::invalid_argument;
    if (o.heap_bytes % page_size != 0) return Error::misaligned;
    for (const Grant& grant : o.grants) {
        CapRef to = grant.destination;
        bool free_for_grants = to.index() >= capabilities::well_known::kernel.index() &&
                               to.index() < capabilities::well_known::first_free.index();
        if (to.at_root() || to.root_index() != 0 || !free_for_grants) return Error::out_of_range;
    }
    StartInfo scratch{};
    return pack_arguments(scratch, o.name, o.arguments);
}

}  // namespace

Result<DomainPlan> DomainPlan::make(std::span<const std::byte> file, const SpawnOptions& options,
                                    const char** problem) {
    SKERRY_CHECK(check_options(options));
    image::ElfRules rules{Format::elf_machine, base::VirtAddr{layout::program_lowest},
                          base::VirtAddr{layout::program_last}};
    image::ElfProblem what{};
    Result<image::Elf> elf = image::parse_elf(file, rules, &what);
    if (problem != nullptr) *problem = elf.ok() ? nullptr : image::text(what);
    if (!elf.ok()) return elf.error();

    DomainPlan plan;
    plan.elf = *elf;
    auto add = [&plan](uint64_t address, uint64_t end, uint64_t flags) {
        bool room = plan.ranges.add({address, end - address, plan.image_bytes, flags});
        SKERRY_ASSERT(room);
        plan.image_bytes += end - address;
    };
    for (const image::ElfSegment& segment : plan.elf.segments) {
        uint64_t flags = map_flags::read;
        if (segment.writable) flags |= map_flags::write;
        if (segment.executable) flags |= map_flags::execute;
        if (segment.memory_size > layout::image_maximum) return Error::out_of_range;
        add(round_down(segment.address.value, page_size),
            round_up(segment.address.value + segment.memory_size, page_size), flags);
        if (plan.image_bytes > layout::image_maximum) return Error::out_of_range;
    }
    plan.start_info_offset = plan.image_bytes;
    add(layout::start_info_address, layout::start_info_address + page_size, map_flags::read);
    if (options.stack_bytes != 0) {
        add(layout::stack_address, layout::stack_address + round_up(options.stack_bytes, page_size),
            map_flags::read | map_flags::write);
    }
    for (uint32_t level = 1; level < Format::levels; ++level) {
        plan.tables += tables_of_level(plan, options.ring_bytes, level);
    }
    if (plan.tables > layout::tables_maximum) return Error::out_of_range;

    // CNode 0, dispatcher frame | root CNode, root VNode, dispatcher | endpoint | tables | image
    plan.block_bytes = capabilities::second_level_size + capabilities::dispatcher_frame_size + 3 * page_size +
                       layout::endpoint_bytes + plan.tables * page_size + plan.image_bytes;
    return plan;
}

}  // namespace skerry::runtime
