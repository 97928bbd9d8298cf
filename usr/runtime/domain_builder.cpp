#include "usr/runtime/domain_builder.hpp"

#include <cstring>

#include "capabilities/interface/dispatcher_page.hpp"
#include "platform/user/address.hpp"

namespace skerry::runtime {

using base::page_size;
using capabilities::DispatcherPage;
namespace well_known = capabilities::well_known;
namespace map_flags = capabilities::map_flags;
namespace layout = domain_layout;

namespace {
constexpr uint64_t read_write = map_flags::read | map_flags::write;
// A sender may also carry capabilities along.
constexpr Rights sender = Rights::send | Rights::transfer;
}  // namespace

DomainBuilder::DomainBuilder(Spawner spawner, const DomainPlan& plan, const SpawnOptions& options)
    : spawner_(spawner), plan_(plan), options_(options) {
    domain_.id = options.domain;
}

Status DomainBuilder::build() {
    // Aligned for the largest object with an alignment of its own, CNode 0, which comes first.
    domain_.memory = SKERRY_TRY(spawner_.source.allocate(plan_.block_bytes, capabilities::second_level_size));
    SKERRY_CHECK(make_objects());
    SKERRY_CHECK(map_all());
    SKERRY_CHECK(fill_image());
    SKERRY_CHECK(fill_page());
    SKERRY_CHECK(fill_capability_space());
    SKERRY_CHECK(configure());
    return hand_over();
}

SpawnedDomain DomainBuilder::finish() {
    SKERRY_ASSERT(domain_.dispatcher && domain_.memory.bytes != 0);
    SpawnedDomain done = std::move(domain_);
    domain_.memory = {};
    return done;
}

void DomainBuilder::undo() {
    for (AddressSpace::Piece& piece : pieces_) {
        if (!piece.mapping.null()) Owned(piece.mapping, spawner_.slots).reset();
    }
    for (AddressSpace::Table& table : tables_) {
        if (!table.mapping.null()) Owned(table.mapping, spawner_.slots).reset();
        if (!table.vnode.cap.null()) Owned(table.vnode.cap, spawner_.slots).reset();
    }
    vspace_.reset();
    page_frame_.reset();
    image_frame_.reset();
    domain_.destroy(spawner_.source);
}

Result<Owned> DomainBuilder::cut(Type type, uint32_t level, uint64_t bytes) {
    SKERRY_ASSERT(used_ + bytes <= domain_.memory.bytes);
    Owned slot = SKERRY_TRY(Owned::empty(spawner_.slots));
    SKERRY_CHECK(CNodeCap{}.retype(slot.ref(), domain_.memory.cap, type, level, used_, bytes));
    used_ += bytes;
    if (type == Type::frame) SKERRY_CHECK(FrameCap{slot.ref()}.clean());
    return slot;
}

Result<Object> DomainBuilder::make(Type type, uint32_t level, uint64_t bytes) {
    if (used_ + bytes > domain_.memory.bytes) return Error::no_memory;
    Owned object = SKERRY_TRY(cut(type, level, bytes));
    return Object{object.release(), {}};
}

void DomainBuilder::destroy(const Object& object) {
    Owned(object.cap, spawner_.slots).reset();
}

Status DomainBuilder::make_objects() {
    // CNode 0 lies in the child's root CNode, which is cut behind the two objects that are 16 KiB large.
    uint64_t cnode_offset = used_;
    used_ += capabilities::second_level_size;
    page_frame_ = SKERRY_TRY(cut(Type::frame, 0, capabilities::dispatcher_frame_size));
    domain_.root_cnode = SKERRY_TRY(cut(Type::cnode, 0, well_known::root_slots * capabilities::slot_size));
    SKERRY_CHECK(CNodeCap{domain_.root_cnode.ref()}.retype(CapRef::root_slot(0), domain_.memory.cap, Type::cnode, 0,
                                                           cnode_offset, capabilities::second_level_size));
    vspace_ = SKERRY_TRY(cut(Type::vnode, platform::PageTable::levels, capabilities::vnode_object_size));
    domain_.dispatcher = SKERRY_TRY(cut(Type::dispatcher, 0, capabilities::dispatcher_object_size));
    domain_.endpoint = SKERRY_TRY(cut(Type::endpoint, 0, layout::endpoint_bytes));
    domain_.image_base = domain_.memory.base + used_;
    domain_.image_bytes = plan_.image_bytes;
    image_frame_ = SKERRY_TRY(cut(Type::frame, 0, plan_.image_bytes));
    domain_.notify = SKERRY_TRY(Owned::empty(spawner_.slots));
    return DispatcherCap{domain_.dispatcher.ref()}.make_notify(domain_.notify.ref());
}

Status DomainBuilder::map_all() {
    space_.emplace(vspace_.ref(), *this, spawner_.slots, tables_, pieces_, 0, 0);
    for (const PlannedRange& range : plan_.ranges) {
        bool shared = !options_.shared_image.null() && range.address >= options_.shared_start &&
                      range.address + range.bytes <= options_.shared_end;
        CapRef image = shared ? options_.shared_image : image_frame_.ref();
        SKERRY_CHECK(space_->map(range.address, image, range.offset, range.bytes, range.flags));
    }
    SKERRY_CHECK(
        space_->map(layout::dispatcher_address, page_frame_.ref(), 0, capabilities::dispatcher_frame_size, read_write));
    if (options_.ring_frame.null()) return {};
    return space_->map(layout::ring_address, options_.ring_frame, 0, options_.ring_bytes, read_write);
}

// Maps a frame into the own space, lets `write` fill it, and unmaps it.
template <typename Write>
Status DomainBuilder::with_mapped(CapRef frame, uint64_t bytes, Write&& write) {
    uint64_t address = SKERRY_TRY(spawner_.own_space.map_anywhere(frame, 0, bytes, read_write));
    Status written = write(platform::at<std::byte>(address));
    SKERRY_CHECK(spawner_.own_space.unmap(address, bytes));
    return written;
}

Status DomainBuilder::fill_image() {
    return with_mapped(image_frame_.ref(), plan_.image_bytes, [&](std::byte* image) -> Status {
        for (uint32_t i = 0; i < plan_.elf.segments.size(); ++i) {
            const image::ElfSegment& segment = plan_.elf.segments[i];
            const PlannedRange& range = plan_.ranges[i];
            SKERRY_ASSERT(segment.address.value - range.address + segment.contents.size() <= range.bytes);
            if (segment.contents.empty()) continue;
            std::memcpy(image + range.offset + (segment.address.value - range.address), segment.contents.data(),
                        segment.contents.size());
        }
        auto& info = *reinterpret_cast<StartInfo*>(image + plan_.start_info_offset);
        info.magic = start_info_magic;
        info.domain = options_.domain.value;
        info.parent = options_.parent.value;
        info.core = options_.core.value;
        info.core_count = options_.core_count;
        info.stack_base = options_.stack_bytes != 0 ? layout::stack_address : 0;
        info.stack_size = base::round_up(options_.stack_bytes, page_size);
        info.heap_base = layout::heap_base;
        info.heap_size = options_.heap_bytes;
        info.free_base = info.heap_base + base::round_up(info.heap_size, layout::root_span);
        info.free_end = layout::free_end;
        info.ring_address = options_.ring_bytes != 0 ? layout::ring_address : 0;
        info.ring_size = options_.ring_bytes;
        // What hand_over will fill: the frames of image and page, tables and mappings.
        uint32_t handed = 1;
        for (const AddressSpace::Table& table : tables_) handed += table.level != 0 ? 2 : 0;
        for (const AddressSpace::Piece& piece : pieces_) handed += piece.bytes != 0 ? 1 : 0;
        info.first_slot = next_slot_ + handed;
        info.flags = options_.flags;
        std::memcpy(info.word, options_.word, sizeof info.word);
        return pack_arguments(info, options_.name, options_.arguments);
    });
}

Status DomainBuilder::fill_page() {
    return with_mapped(page_frame_.ref(), capabilities::dispatcher_frame_size, [&](std::byte* frame) -> Status {
        auto& page = *reinterpret_cast<DispatcherPage*>(frame);
        page.entry[static_cast<uint32_t>(capabilities::Upcall::run)] = plan_.elf.entry.value;
        page.upcall_stack = layout::initial_stack_top;
        page.startup = layout::start_info_address;
        page.self = layout::dispatcher_address;
        return {};
    });
}

// null source: the child gets none. An ordinary program may send no capabilities that way: each takes a slot that the
// receiver has ready, and what the receiver waits for, such as memory, would come without its own.
Status DomainBuilder::grant_endpoint(CapRef destination, CapRef source) {
    if (source.null()) return {};
    Rights rights = (options_.flags & start_flags::service) != 0 ? sender : Rights::send;
    return domain_.grant({destination, source, rights, base::counter_of(options_.domain)});
}

Status DomainBuilder::fill_capability_space() {
    const std::pair<CapRef, CapRef> copies[] = {
        {well_known::root_cnode, domain_.root_cnode.ref()},  {well_known::dispatcher, domain_.dispatcher.ref()},
        {well_known::dispatcher_frame, page_frame_.ref()},   {well_known::vspace_root, vspace_.ref()},
        {well_known::self_endpoint, domain_.endpoint.ref()}, {well_known::self_notify, domain_.notify.ref()}};
    for (auto [destination, source] : copies) SKERRY_CHECK(domain_.grant({destination, source}));
    SKERRY_CHECK(grant_endpoint(well_known::memory_endpoint, options_.memory_endpoint));
    SKERRY_CHECK(grant_endpoint(well_known::monitor_endpoint, options_.monitor_endpoint));
    if (!options_.ring_frame.null()) {
        SKERRY_CHECK(domain_.grant({well_known::monitor_ring, options_.ring_frame}));
    }
    for (const Grant& grant : options_.grants) SKERRY_CHECK(domain_.grant(grant));
    return {};
}

Status DomainBuilder::configure() {
    DispatcherCap dispatcher{domain_.dispatcher.ref()};
    Owned fault;
    if (!options_.fault_endpoint.null()) {
        fault = SKERRY_TRY(Owned::empty(spawner_.slots));
        SKERRY_CHECK(CNodeCap{}.mint(fault.ref(), options_.fault_endpoint, sender, base::counter_of(options_.domain)));
    }
    SKERRY_CHECK(dispatcher.configure(domain_.root_cnode.ref(), vspace_.ref(), page_frame_.ref(),
                                      layout::dispatcher_address, fault.ref()));
    SKERRY_CHECK(dispatcher.set_domain(options_.domain));
    SKERRY_CHECK(dispatcher.bind(domain_.endpoint.ref(), 0));
    if (options_.period_ns != 0) return dispatcher.reserve_hard(options_.budget_ns, options_.period_ns);
    return options_.weight != 0 ? dispatcher.reserve_best_effort(options_.weight) : Status{};
}

Status DomainBuilder::hand_over_one(CapRef& cap) {
    if (cap.null()) return {};
    if (next_slot_ >= capabilities::second_level_slots) return Error::full;
    SKERRY_CHECK(CNodeCap{domain_.root_cnode.ref()}.move(CapRef{0, next_slot_}, cap));
    ++next_slot_;
    spawner_.slots.release(std::exchange(cap, {}));
    return {};
}

// The child's memory is the child's to hold: what we still have of it moves over.
Status DomainBuilder::hand_over() {
    CapRef image = image_frame_.ref();
    Status moved = hand_over_one(image);
    if (!moved.ok()) return moved;
    (void)image_frame_.release();
    for (AddressSpace::Table& table : tables_) {
        SKERRY_CHECK(hand_over_one(table.vnode.cap));
        SKERRY_CHECK(hand_over_one(table.mapping));
    }
    for (AddressSpace::Piece& piece : pieces_) SKERRY_CHECK(hand_over_one(piece.mapping));
    vspace_.reset();
    page_frame_.reset();
    return {};
}

}  // namespace skerry::runtime
