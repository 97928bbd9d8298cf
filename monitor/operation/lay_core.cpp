#include "monitor/operation/lay_core.hpp"

#include <bit>
#include <cstring>

#include "monitor/core_image.hpp"
#include "monitor/machine_view.hpp"
#include "monitor/share.hpp"
#include "platform/page_table.hpp"
#include "platform/user/core_start.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
namespace well_known = capabilities::well_known;

namespace {

constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;

// The image's own is empty where the image lies in the front of the RAM.
struct Taken {
    RamBlock ram, image;
    bool apart() const { return image.bytes != 0; }
    const RamBlock& with_image() const { return apart() ? image : ram; }
    CoreBlocks blocks() const {
        const RamBlock& front = with_image();
        return {{base::PhysAddr{front.base}, front.bytes}, {base::PhysAddr{ram.base}, ram.bytes}};
    }
};

// Lets `use` write to part of a block, through a frame that is gone afterwards: the block has no descendants again.
template <typename Use>
Status with_part(Monitor& m, const RamBlock& block, uint64_t offset, uint64_t bytes, Use&& use) {
    Owned frame = SKERRY_TRY(Owned::empty(m.self.slots));
    SKERRY_CHECK(runtime::CNodeCap{}.retype(frame.ref(), block.cap, capabilities::Type::frame, 0, offset, bytes));
    SKERRY_CHECK(runtime::FrameCap{frame.ref()}.clean());
    uint64_t address = SKERRY_TRY(m.self.space().map_anywhere(frame.ref(), 0, bytes, read_write));
    Status used = use(std::span(platform::at<std::byte>(address), bytes));
    SKERRY_CHECK(m.self.space().unmap(address, bytes));
    return used;
}

// As much as is wanted, or less, down to `least`, if there is no such block; only ours from now on.
Result<RamBlock> take_memory(Monitor& m, uint64_t bytes, uint64_t least, uint32_t node) {
    for (; bytes >= least; bytes /= 2) {
        auto block = m.memory.allocate(bytes, bytes, 0, node);
        if (block.error() == Error::no_memory) continue;
        if (!block.ok()) return block.error();
        // The memory service keeps a copy of what it grants; this memory leaves its world.
        SKERRY_CHECK(runtime::CNodeCap{}.revoke(block->cap));
        m.given_away += block->bytes;
        return block;
    }
    return Error::no_memory;
}

// Back to the memory service. Our capability goes first: it makes the block anew, which proves that nobody holds it.
void return_memory(Monitor& m, const RamBlock& block) {
    if (block.bytes == 0) return;
    Owned(block.cap, m.self.slots).reset();
    m.memory.give_back({{}, block.base, block.bytes}, 0);
    m.given_away -= block.bytes;
}

// Of the node's memory as it was before the first core got its share of it.
uint64_t share_of(Monitor& m, base::NodeId node) {
    uint64_t free = m.memory.free_bytes(node.value);
    for (uint32_t i = 0; i < m.cores.count; ++i) {
        const CoreEntry& entry = m.cores.cores[i];
        if (entry.memory_bytes != 0 && entry.memory_node == node) free += entry.memory_bytes;
    }
    return core_share(free, cores_of_node(*m.machine, node.value));
}

Result<Taken> take_blocks(Monitor& m, base::NodeId home, const CoreWish& wish, CorePlace& place) {
    uint64_t largest_share = ~uint64_t{0};
    place.image = place.memory = home;
    if (m.decisions.present()) {
        std::array<uint64_t, urpc::machine_nodes_maximum> largest;
        m.memory.largest_free(largest);
        choose_place(home, wish, std::span(largest).first(m.machine->node_count), place);
        // More in one piece than the node has would come from another one.
        uint64_t there = largest[place.memory.value];
        if (there >= smallest_share) largest_share = std::bit_floor(there);
    } else {
        place.reason << "the knowledge base has not answered yet";
    }
    Taken taken{};
    uint64_t share = std::min(share_of(m, place.memory), largest_share);
    taken.ram = SKERRY_TRY(take_memory(m, share, smallest_share, place.memory.value));
    if (place.image == place.memory) return taken;
    auto image = take_memory(m, image_block_bytes, image_block_bytes, place.image.value);
    if (!image.ok()) {
        return_memory(m, taken.ram);
        return image.error();
    }
    taken.image = image.value();
    return taken;
}

// The blocks become what can be started; -> where. They are still ours.
Result<base::VirtAddr> fill(Monitor& m, const CoreFiles& files, const Taken& taken, uint32_t index, const Peer& peer) {
    const image::ArchiveEntry &driver = files.driver, &program = files.program;
    image::ElfRules rules{platform::PageTable::elf_machine, base::VirtAddr{platform::start_image_address},
                          base::VirtAddr{~uint64_t{0}}};
    CoreBlocks blocks = taken.blocks();
    CoreImage plan = SKERRY_TRY(plan_core_image(driver.contents, program.contents, rules, blocks));
    CoreStart start{.index = index,
                    .program_size = program.contents.size(),
                    .join_frame = peer.made.piece.base,
                    .join_frame_size = Peer::ring_bytes,
                    .now = m.now(),
                    .join_notify = {}};
    start.join_notify = SKERRY_TRY(runtime::CNodeCap{}.identify(well_known::self_notify));

    base::VirtAddr entry;
    SKERRY_CHECK(with_part(m, taken.with_image(), 0, plan.image_bytes, [&](std::span<std::byte> memory) -> Status {
        copy_driver(plan, memory);
        auto& record = *reinterpret_cast<capabilities::BootRecord*>(memory.data());
        SKERRY_CHECK(fill_record(plan, blocks, *m.machine, start, record));
        entry = base::VirtAddr{record.entry};
        return {};
    }));
    uint64_t offset = taken.ram.bytes - plan.program_bytes;
    SKERRY_CHECK(with_part(m, taken.ram, offset, plan.program_bytes, [&](std::span<std::byte> memory) -> Status {
        std::memcpy(memory.data(), program.contents.data(), program.contents.size());
        return {};
    }));
    return entry;
}

// From here on our driver has no alias of them, and there is no way back.
Status withdraw(Taken& taken) {
    runtime::KernelControlCap control;
    if (taken.apart()) SKERRY_CHECK(control.withdraw(taken.image.cap));
    Status left = control.withdraw(taken.ram.cap);
    if (!left.ok()) taken.image = {};  // it has gone
    return left;
}

// Where it came from is where it lies, whatever was wished.
base::NodeId node_at(Monitor& m, uint64_t physical, base::NodeId wished) {
    uint64_t node = m.memory.node_of(physical);
    return node < m.machine->node_count ? base::NodeId{static_cast<uint32_t>(node)} : wished;
}

}  // namespace

Result<LaidCore> lay_core(Monitor& m, const CoreFiles& files, uint32_t index, const CoreWish& wish, const Peer& peer,
                          CorePlace& place) {
    SKERRY_ASSERT(m.machine != nullptr && index < m.cores.count);
    CoreEntry& entry = m.cores.cores[index];
    Taken taken = SKERRY_TRY(take_blocks(m, entry.node, wish, place));
    place.memory = node_at(m, taken.ram.base, place.memory);
    place.image = taken.apart() ? node_at(m, taken.image.base, place.image) : place.memory;
    auto at = fill(m, files, taken, index, peer);
    Status left = at.error();
    if (left.ok()) left = withdraw(taken);
    if (!left.ok()) {
        return_memory(m, taken.ram);
        return_memory(m, taken.image);
        return left.error();
    }
    entry.memory_base = taken.ram.base;
    entry.memory_bytes = taken.ram.bytes;
    entry.memory_node = place.memory;
    return LaidCore{base::PhysAddr{taken.with_image().base}, at.value()};
}

}  // namespace skerry::monitor
