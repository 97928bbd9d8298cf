#include "cpudriver/boot/first_program.hpp"

#include <cstring>

#include "capabilities/interface/dispatcher_page.hpp"

namespace skerry::cpudriver {

using namespace capabilities;
using platform::PageTable;

namespace {
constexpr uint64_t page_address = 0x7e00'0010'0000;  // of the dispatcher page
constexpr uint64_t first_free_address = 0x1000'0000'0000;
constexpr uint64_t small_stack_address = 0x7e00'0020'0000;  // for the first upcall, until the program has its own
constexpr uint64_t small_stack_size = 16384;
constexpr uint64_t endpoint_size = 16384;
constexpr uint64_t objects_size = 512 * 1024;  // all kernel objects and tables below, generously
}  // namespace

base::Status FirstProgram::build(const char*& reason) {
    image::ElfProblem problem{};
    std::span file(core_.pointer(base::PhysAddr{record_.program_base}), record_.program_size);
    image::ElfRules rules{PageTable::elf_machine, base::VirtAddr{0x10000}, base::VirtAddr{first_free_address - 1}};
    auto program = image::parse_elf(file, rules, &problem);
    if (!program.ok()) {
        reason = image::text(problem);
        return program.error();
    }
    reason = "not enough memory for the first program";
    SKERRY_CHECK(reserve_memory(*program));
    reason = "the first program's capabilities cannot be made";
    SKERRY_CHECK(make_capability_space());
    SKERRY_CHECK(make_address_space());
    SKERRY_CHECK(load(*program));
    SKERRY_CHECK(make_dispatcher(*program));
    SKERRY_CHECK(give_kernel_capabilities());
    SKERRY_CHECK(give_regions());
    SKERRY_CHECK(describe());
    reason = "the first program cannot be started";
    return core_.start(*Dispatcher::at(core_.pointer(dispatcher_)));
}

base::Status FirstProgram::reserve_memory(const image::Elf& program) {
    uint64_t needed = objects_size;
    for (const image::ElfSegment& segment : program.segments) {
        needed += base::round_up(segment.memory_size, base::page_size) + 4 * base::page_size;
    }
    for (uint32_t i = 1; i < record_.ram_count; i++) {
        if (record_.ram[i].size > record_.ram[bank_].size) bank_ = i;
    }
    if (record_.ram_count == 0 || record_.ram[bank_].size < needed) return base::Error::no_memory;
    return {};
}

base::PhysAddr FirstProgram::take(uint64_t bytes, uint64_t alignment) {
    const BootRange& bank = record_.ram[bank_];
    uint64_t at = base::round_up(bank.base + used_, alignment);
    used_ = at + base::round_up(bytes, base::page_size) - bank.base;
    SKERRY_ASSERT(used_ <= bank.size);
    std::memset(core_.pointer(base::PhysAddr{at}), 0, bytes);
    return base::PhysAddr{at};
}

Slot& FirstProgram::slot(CapRef ref) {
    auto* root = reinterpret_cast<Slot*>(core_.pointer(root_cnode_));
    SKERRY_ASSERT(ref.root_index() < well_known::root_slots);
    Slot& upper = root[ref.root_index()];
    if (ref.at_root()) return upper;
    SKERRY_ASSERT(upper.cap.type == Type::cnode);
    return reinterpret_cast<Slot*>(core_.pointer(base::PhysAddr{upper.cap.base}))[ref.index()];
}

base::Status FirstProgram::give(CapRef ref, const Capability& capability) {
    return core_.capabilities_.insert_root(slot(ref), capability);
}

base::Status FirstProgram::make_capability_space() {
    constexpr uint64_t root_size = well_known::root_slots * slot_size;
    root_cnode_ = take(root_size);
    Rights rights = info(Type::cnode).rights;
    Capability root{.type = Type::cnode, .rights = rights, .base = root_cnode_.value, .size = root_size};
    for (uint32_t index : {0u, well_known::ram_cnode, well_known::device_cnode}) {
        Capability second{.type = Type::cnode,
                          .rights = rights,
                          .base = take(second_level_size, second_level_size).value,
                          .size = second_level_size};
        SKERRY_CHECK(give(CapRef::root_slot(index), second));
    }
    return give(well_known::root_cnode, root);
}

base::Status FirstProgram::make_address_space() {
    vspace_root_ = take(vnode_object_size);
    core_.machine_.prepare_root(vspace_root_);
    Capability root{.type = Type::vnode,
                    .rights = info(Type::vnode).rights,
                    .level = PageTable::levels,
                    .badge = ~uint32_t{0},
                    .base = vspace_root_.value,
                    .size = vnode_object_size};
    return give(well_known::vspace_root, root);
}

// Tables are taken as needed; they belong to the first program for good and need no capabilities of their own.
void FirstProgram::map(uint64_t address, base::PhysAddr frame, uint64_t flags) {
    auto* table = reinterpret_cast<uint64_t*>(core_.pointer(vspace_root_));
    for (uint32_t level = PageTable::levels; level > 1; level--) {
        uint64_t& entry = table[PageTable::index(base::VirtAddr{address}, level)];
        if (!PageTable::present(entry)) entry = PageTable::table(take(vnode_object_size));
        table = reinterpret_cast<uint64_t*>(core_.pointer(PageTable::address(entry)));
    }
    uint64_t& leaf = table[PageTable::index(base::VirtAddr{address}, 1)];
    SKERRY_ASSERT(!PageTable::present(leaf));
    leaf = PageTable::leaf(frame, flags, 1);
}

base::Status FirstProgram::load(const image::Elf& program) {
    for (const image::ElfSegment& segment : program.segments) {
        uint64_t start = base::round_down(segment.address.value, base::page_size);
        uint64_t end = base::round_up(segment.address.value + segment.memory_size, base::page_size);
        base::PhysAddr memory = take(end - start);
        std::memcpy(core_.pointer(memory) + (segment.address.value - start), segment.contents.data(),
                    segment.contents.size());
        uint64_t flags = map_flags::read;
        if (segment.writable) flags |= map_flags::write;
        if (segment.executable) flags |= map_flags::execute;
        for (uint64_t at = start; at < end; at += base::page_size) map(at, memory + (at - start), flags);
    }
    return {};
}

base::Status FirstProgram::make_dispatcher(const image::Elf& program) {
    page_ = take(dispatcher_frame_size);
    base::PhysAddr stack = take(small_stack_size);
    constexpr uint64_t read_write = map_flags::read | map_flags::write;
    for (uint64_t at = 0; at < dispatcher_frame_size; at += base::page_size) {
        map(page_address + at, page_ + at, read_write);
        map(small_stack_address + at, stack + at, read_write);
    }
    SKERRY_CHECK(
        give_frame(well_known::dispatcher_frame, page_.value, dispatcher_frame_size, Rights::read | Rights::write, 0));

    dispatcher_ = take(dispatcher_object_size);
    Capability object{.type = Type::dispatcher,
                      .rights = info(Type::dispatcher).rights,
                      .base = dispatcher_.value,
                      .size = dispatcher_object_size};
    core_.created(object);
    SKERRY_CHECK(give(well_known::dispatcher, object));
    Capability endpoint{.type = Type::endpoint,
                        .rights = info(Type::endpoint).rights,
                        .base = take(endpoint_size, endpoint_size).value,
                        .size = endpoint_size};
    core_.created(endpoint);
    SKERRY_CHECK(give(well_known::self_endpoint, endpoint));

    Dispatcher& dispatcher = *Dispatcher::at(core_.pointer(dispatcher_));
    Capabilities& caps = core_.capabilities_;
    SKERRY_CHECK(caps.copy_slot(dispatcher.cspace, slot(well_known::root_cnode)));
    SKERRY_CHECK(caps.copy_slot(dispatcher.vspace, slot(well_known::vspace_root)));
    SKERRY_CHECK(caps.copy_slot(dispatcher.frame, slot(well_known::dispatcher_frame)));
    core_.adopt_page(dispatcher, base::VirtAddr{page_address},
                     base::make_domain_id(core_.id_, record_.first_domain_counter));
    core_.attach(dispatcher, *EndpointObject::at(core_.pointer(base::PhysAddr{endpoint.base})), 0);
    SKERRY_CHECK(core_.add_notify(dispatcher, slot(well_known::self_notify)));

    DispatcherPage& page = dispatcher.shared();
    page.entry[static_cast<uint32_t>(Upcall::run)] = program.entry.value;
    page.upcall_stack = small_stack_address + small_stack_size;
    return {};
}

base::Status FirstProgram::give_kernel_capabilities() {
    auto one = [&](CapRef ref, Type type, uint64_t at, uint64_t size) {
        return give(ref, {.type = type, .rights = info(type).rights, .base = at, .size = size});
    };
    SKERRY_CHECK(one(well_known::kernel, Type::kernel, core_.id_.value, 1));
    SKERRY_CHECK(one(well_known::performance_counter, Type::performance_counter, 0, 1));
    SKERRY_CHECK(
        one(well_known::interrupt, Type::interrupt, PageTable::first_device_vector, PageTable::device_vectors));
    if (record_.device_count != 0) {
        SKERRY_CHECK(one(well_known::kernel_control, Type::kernel_control, core_.id_.value, 1));
        SKERRY_CHECK(one(well_known::ports, Type::device_ports, 0, 65536));
    }
    Rights share = Rights::transfer | Rights::read;
    uint64_t archive = base::round_up(record_.archive_size, base::page_size);
    SKERRY_CHECK(give_frame(well_known::archive, record_.archive_base, archive, share, flag_foreign));
    if (record_.join_frame_size == 0) return {};
    return give_frame(well_known::monitor_ring, record_.join_frame_base, record_.join_frame_size, share | Rights::write,
                      flag_foreign);
}

base::Status FirstProgram::give_frame(CapRef ref, uint64_t at, uint64_t size, Rights rights, uint8_t flags) {
    return give(ref, {.type = Type::frame, .rights = rights, .flags = flags, .base = at, .size = size, .extra = size});
}

// What is left of the RAM, and everything that is not RAM.
base::Status FirstProgram::give_regions() {
    info_ = take(sizeof(BootInfo));
    map(boot_info_address, info_, map_flags::read);
    boot_info_ = reinterpret_cast<BootInfo*>(core_.pointer(info_));
    auto region = [&](Type type, RegionKind kind, uint32_t cnode, uint32_t index, BootRange range) -> Status {
        if (range.size == 0 || boot_info_->region_count == boot_regions_maximum) return {};
        SKERRY_CHECK(give(CapRef{cnode, index},
                          {.type = type, .rights = info(type).rights, .base = range.base, .size = range.size}));
        boot_info_->region[boot_info_->region_count++] = {range.base, range.size, index, static_cast<uint32_t>(kind)};
        return {};
    };
    for (uint32_t i = 0; i < record_.ram_count; i++) {
        BootRange range = record_.ram[i];
        if (i == bank_) range.base += used_, range.size -= used_;
        SKERRY_CHECK(region(Type::ram, RegionKind::ram, well_known::ram_cnode, i, range));
    }
    for (uint32_t i = 0; i < record_.device_count; i++) {
        SKERRY_CHECK(region(Type::phys_addr, RegionKind::device, well_known::device_cnode, i, record_.device[i]));
    }
    return {};
}

base::Status FirstProgram::describe() {
    BootInfo& info = *boot_info_;
    info.magic = boot_info_magic;
    info.core = record_.core;
    info.hardware_id = core_.machine_.hardware_id().value;
    info.kernel_base = record_.image_base;
    info.kernel_size = record_.image_size;
    info.poke_area = record_.poke_area;
    info.clock_multiplier = core_.machine_.clock_multiplier();
    info.timer_multiplier = core_.machine_.timer_multiplier();
    info.archive_base = record_.archive_base;
    info.archive_size = record_.archive_size;
    info.firmware_root_size = record_.firmware_root_size;
    std::memcpy(info.firmware_root, record_.firmware_root, sizeof info.firmware_root);
    info.join_frame_base = record_.join_frame_base;
    info.join_frame_size = record_.join_frame_size;
    std::memcpy(info.join_word, &record_.join_notify, sizeof info.join_word);
    info.first_free_slot = well_known::first_free.index();
    info.heap_start = first_free_address;
    std::memcpy(info.command_line, record_.command_line, sizeof info.command_line);
    return {};
}

}  // namespace skerry::cpudriver
