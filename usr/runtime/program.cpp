#include "usr/runtime/program.hpp"

#include <algorithm>

#include "platform/page_table.hpp"

namespace skerry::runtime {
namespace {

namespace map_flags = capabilities::map_flags;

// A first program's own addresses: heap, then free, from where its driver says, under root entries of their
// own.
constexpr uint64_t root_span = platform::PageTable::bytes_per_entry(platform::PageTable::levels);
constexpr uint64_t default_heap_bytes = 16 * 1024 * 1024;
constexpr uint64_t default_free_bytes = 4 * root_span;
constexpr uint64_t eager_heap_bytes = 2 * 1024 * 1024;

bool repair_fault(void* context, uint64_t address, uint64_t access) {
    auto& self = *static_cast<Program*>(context);
    if (self.more != nullptr && self.more->repair(address, access)) return true;
    Status repaired = self.lazy->repair(address, access);
    bool not_ours = repaired.error() == Error::not_found || repaired.error() == Error::no_right;
    if (!repaired.ok() && !not_ours) {
        self.dispatcher.end(
            ExitMessage{.status = fault_status, .reason = ExitReason::no_memory, .detail = {address, 4096}});
    }
    return repaired.ok();
}

}  // namespace

Status Program::set_up(uint32_t& step) {
    step = 1;
    if (start != nullptr && (start->magic != start_info_magic || !arguments_valid(*start))) return Error::corrupt;
    if (boot != nullptr && boot->magic != capabilities::boot_info_magic) return Error::corrupt;

    trace.start(core(), domain(), start == nullptr && boot->join_frame_size != 0 ? "monitor" : name());

    step = 2;
    uint64_t first_slot = start ? start->first_slot : boot->first_free_slot;
    if (first_slot < capabilities::well_known::first_free.index() || first_slot > capabilities::second_level_slots) {
        return Error::out_of_range;
    }
    slots.add_cnode(0, static_cast<uint32_t>(first_slot));
    dispatcher.receive_capabilities(&slots);
    if (boot != nullptr) {
        boot_ram.emplace(*boot, slots);
        ram_pool.emplace(*boot_ram, slots);
    } else {
        memory.emplace(dispatcher, slots);
        ram_pool.emplace(*memory, slots);
    }
    slots.allow_growth(start ? 1 : capabilities::well_known::first_free_cnode, *ram_pool);

    step = 3;
    uint64_t heap_base = start ? start->heap_base : base::round_up(boot->heap_start, root_span);
    uint64_t heap_bytes = start ? start->heap_size : default_heap_bytes;
    uint64_t free_base = start ? start->free_base : heap_base + default_heap_bytes;
    uint64_t free_end = start ? start->free_end : heap_base + default_free_bytes;
    own_space.emplace(capabilities::well_known::vspace_root, *ram_pool, slots, tables_, pieces_, free_base, free_end);
    lazy.emplace(*own_space, *ram_pool);
    if constexpr (platform::memory_on_demand) dispatcher.on_fault(&repair_fault, this);
    if (heap_bytes == 0) return {};
    SKERRY_CHECK(make_heap(heap_base, heap_bytes));
    step = 4;
    heap.start({platform::at<std::byte>(heap_base), heap_bytes});  // touches, and so makes, its first page
    return {};
}

// Memory that comes when it is touched, or where nothing can bring it then, a smaller heap at once.
Status Program::make_heap(uint64_t base, uint64_t& bytes) {
    if constexpr (platform::memory_on_demand) {
        return lazy->add(base, bytes);
    } else {
        bytes = std::min(bytes, eager_heap_bytes);
        Object frame = SKERRY_TRY(ram_pool->make_frame(bytes));
        return own_space->map(base, frame.cap, 0, bytes, map_flags::read | map_flags::write);
    }
}

void Program::use_memory_service() {
    memory.emplace(dispatcher, slots);
    ram_pool->set_source(*memory);
}

}  // namespace skerry::runtime
