// The machine-independent part of starting a core; the platform's CoreStarter writes what its first instructions need.
//
//   memory of its node -> CPU driver, program, record -> withdrawn from us -> INIT, 10 ms -> STARTUP -> it joins -> online
//   `----------------- at most starts_in_flight cores are between here and "online" --------------------------------'
//                                                               one at a time in the start frame: `---------'
#include "monitor/operation/start_core.hpp"

#include <cstring>

#include "monitor/core_image.hpp"
#include "monitor/machine_view.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/share.hpp"
#include "platform/page_table.hpp"
#include "platform/user/core_start.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace well_known = capabilities::well_known;

namespace {

constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;
// Intel SDM volume 3, 8.4.4.1.
constexpr uint64_t after_init = 10'000'000, after_startup = 200'000;  // ns
constexpr uint64_t greeting_patience = 10'000'000'000;  // ns; until it greets, and then until it is online

// What all starts have in common; lives in the frame of start_cores.
struct Starts {
    platform::CoreStarter starter;
    image::ArchiveEntry driver, program;  // checked once
    uint32_t in_flight = 0;
    uint32_t setting_clocks = 0;  // have greeted and are not online: they measure how fast we answer
    bool start_frame_taken = false;
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

// As much as the policy says, or less if there is no such block; only ours from now on.
Result<RamBlock> take_memory(Monitor& m, uint64_t share, uint32_t node) {
    for (; share >= smallest_share; share /= 2) {
        auto block = m.memory.allocate(share, share, 0, node);
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
    Owned(block.cap, m.self.slots).reset();
    m.memory.give_back({{}, block.base, block.bytes}, 0);
    m.given_away -= block.bytes;
}

// The block becomes an image that can be started; `entry` is where.
Result<base::VirtAddr> fill_block(Monitor& m, const Starts& starts, const RamBlock& ram, uint32_t index,
                                  const Peer& peer) {
    const image::ArchiveEntry &driver = starts.driver, &program = starts.program;
    image::ElfRules rules{platform::PageTable::elf_machine, base::VirtAddr{platform::start_image_address},
                          base::VirtAddr{~uint64_t{0}}};
    Block block{base::PhysAddr{ram.base}, ram.bytes};
    CoreImage plan = SKERRY_TRY(plan_core_image(driver.contents, program.contents, rules, block));
    CoreStart start{.index = index,
                    .program_size = program.contents.size(),
                    .join_frame = peer.made.piece.base,
                    .join_frame_size = Peer::ring_bytes,
                    .now = m.now(),
                    .join_notify = {}};
    start.join_notify = SKERRY_TRY(runtime::CNodeCap{}.identify(well_known::self_notify));

    base::VirtAddr entry;
    SKERRY_CHECK(with_part(m, ram, 0, plan.image_bytes, [&](std::span<std::byte> memory) -> Status {
        copy_driver(plan, memory);
        auto& record = *reinterpret_cast<capabilities::BootRecord*>(memory.data());
        SKERRY_CHECK(fill_record(plan, block, *m.machine, start, record));
        entry = base::VirtAddr{record.entry};
        return {};
    }));
    uint64_t offset = ram.bytes - plan.program_bytes;
    SKERRY_CHECK(with_part(m, ram, offset, plan.program_bytes, [&](std::span<std::byte> memory) -> Status {
        std::memcpy(memory.data(), program.contents.data(), program.contents.size());
        return {};
    }));
    SKERRY_CHECK(runtime::KernelControlCap{}.withdraw(ram.cap));
    return entry;
}

// Until `done(entry)` holds of the core. Errors: timed_out.
template <typename Done>
Task<Status> await_core(FramePool&, Monitor& m, uint32_t index, Done done) {
    uint64_t deadline = m.now() + greeting_patience;
    while (!done(m.cores.cores[index])) {
        if (m.now() >= deadline) co_return Error::timed_out;
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
    co_return Status{};
}

// The start frame is ours from now on; whoever comes back from here gives it up.
Task<Status> take_start_frame(FramePool&, Monitor& m, Starts& starts) {
    while (starts.start_frame_taken) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    starts.start_frame_taken = true;
    co_return Status{};
}

// The core leaves the start frame when it greets. Errors: timed_out; those of the invocations.
Task<Status> run_start_frame(FramePool& pool, Monitor& m, Starts& starts, uint32_t index, base::PhysAddr image,
                             base::VirtAddr entry) {
    runtime::KernelControlCap control;
    base::HardwareId hardware = m.cores.cores[index].hardware;
    Status done = starts.starter.write(image, entry);
    for (uint32_t i = 0; i < 2 && done.ok(); ++i) {
        done = control.startup(hardware, starts.starter.page());
        auto pause = m.loop.timers().sleep(m.now() + after_startup);
        co_await pause;
    }
    if (!done.ok()) co_return done;
    auto greeting = await_core(pool, m, index, [](const CoreEntry& entry) { return entry.greeted; });
    done = co_await greeting;
    co_return done;
}

// From INIT until the core is online. A core that fails on the way is fenced before the start frame is another's.
Task<Status> wake_core(FramePool& pool, Monitor& m, Starts& starts, uint32_t index, base::PhysAddr image,
                       base::VirtAddr entry) {
    runtime::KernelControlCap control;
    base::HardwareId hardware = m.cores.cores[index].hardware;
    Status done = control.init(hardware);
    if (!done.ok()) co_return done;
    auto settle = m.loop.timers().sleep(m.now() + after_init);
    co_await settle;
    auto taking = take_start_frame(pool, m, starts);
    done = co_await taking;
    if (!done.ok()) co_return done;
    auto running = run_start_frame(pool, m, starts, index, image, entry);
    done = co_await running;
    if (!done.ok()) (void)control.init(hardware).ok();
    starts.start_frame_taken = false;
    m.changed.set();
    if (!done.ok()) co_return done;
    ++starts.setting_clocks;
    auto joining = await_core(pool, m, index, [](const CoreEntry& entry) { return entry.state == CoreState::online; });
    done = co_await joining;
    --starts.setting_clocks;
    if (!done.ok()) (void)control.init(hardware).ok();
    co_return done;
}

Task<Status> start_core(FramePool& pool, Monitor& m, Starts& starts, uint32_t index, uint64_t share) {
    auto made = make_peer(m, base::CoreId{index});
    if (!made.ok()) co_return made.error();
    Peer* peer = made.value();
    auto ram = take_memory(m, share, m.machine->core[index].node);
    Result<base::VirtAddr> entry{Error::no_memory};
    if (ram.ok()) entry = fill_block(m, starts, ram.value(), index, *peer);
    if (ram.ok() && !entry.ok()) return_memory(m, ram.value());
    if (entry.ok()) {
        m.cores.cores[index].memory_base = ram->base;
        m.cores.cores[index].memory_bytes = ram->bytes;
    }
    Status done = entry.error();
    if (done.ok()) {
        auto waking = wake_core(pool, m, starts, index, base::PhysAddr{ram->base}, entry.value());
        done = co_await waking;
    }
    // It was fenced before its frame is used again. Its memory may have been written to by a core that runs wild: it
    // stays withdrawn, nobody gets it.
    if (!done.ok()) drop_peer(m, *peer);
    co_return done;
}

const char* why(Error error) {
    if (error == Error::timed_out) return "does not answer";
    if (error == Error::no_capability) return "no memory below 1 MiB to start it";
    return base::text(error);
}

void note_failure(CoreEntry& entry, Error error) {
    entry.state = CoreState::failed;
    entry.reason = decltype(entry.reason)::cut(why(error));
}

// One core's start, whatever comes of it.
Task<Status> bring_up(FramePool& pool, Monitor& m, Starts& starts, uint32_t index, uint64_t share) {
    auto starting = start_core(pool, m, starts, index, share);
    Status started = co_await starting;
    if (!started.ok()) note_failure(m.cores.cores[index], started.error());
    --starts.in_flight;
    m.changed.set();
    co_return started;
}

// Checks once what every core gets: the driver, its program, the frame in which it starts.
Status prepare(Monitor& m, Starts& starts) {
    auto frame = SKERRY_TRY(runtime::CNodeCap{}.identify(well_known::start_frame));
    if (frame.size < platform::start_frame_size) return Error::out_of_range;
    uint64_t at =
        SKERRY_TRY(m.self.space().map_anywhere(well_known::start_frame, 0, platform::start_frame_size, read_write));
    starts.starter =
        SKERRY_TRY(platform::CoreStarter::prepare(platform::at<std::byte>(at), base::PhysAddr{frame.base}));
    starts.driver = SKERRY_TRY(m.archive.find("cpudriver"));
    starts.program = SKERRY_TRY(m.archive.find("monitor"));
    SKERRY_CHECK(image::verify(starts.driver));
    return image::verify(starts.program);
}

// Until another core may be begun: not too many at once, and none that measures how fast we answer.
Task<Status> await_turn(FramePool&, Monitor& m, const Starts& starts) {
    // Those that wait for us come first.
    auto others = m.loop.timers().sleep(m.now());
    co_await others;
    while (starts.in_flight >= starts_in_flight || starts.setting_clocks != 0) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    co_return Status{};
}

// The shell waits for this; init may be busy for a moment.
Task<Status> tell_init_of_cores(FramePool&, Monitor& m) {
    urpc::service_start::Cores news{m.cores.online(), m.cores.count};
    for (uint32_t attempt = 0; attempt < 1000; ++attempt) {
        Status told = m.tell_init(urpc::service_start::pack(urpc::service_start::Operation::cores, news));
        if (told.error() != Error::full) co_return told;
        auto wait = m.loop.timers().sleep(m.now() + 1'000'000);
        co_await wait;
    }
    co_return Error::full;
}

}  // namespace

Status adopt_machine(Monitor& m) {
    uint64_t at = SKERRY_TRY(
        m.self.space().map_anywhere(well_known::service, 0, urpc::machine_info_bytes, capabilities::map_flags::read));
    const auto& machine = *platform::at<const urpc::MachineInfo>(at);
    SKERRY_CHECK(check(machine));
    if (machine.self != m.core.value) return Error::corrupt;
    m.machine = &machine;
    m.core_count = cores_wanted(machine.command_line, machine.core_count);
    m.cores.count = m.core_count;
    for (uint32_t i = 0; i < m.cores.count; ++i) {
        CoreEntry& entry = m.cores.cores[i];
        entry.hardware = base::HardwareId{machine.core[i].hardware_id};
        entry.node = base::NodeId{machine.core[i].node};
        entry.package = base::PackageId{machine.core[i].package};
    }
    CoreEntry& own = m.cores.cores[m.core.value];
    own.state = CoreState::online;
    own.timer_ok = true;  // it is the one by which the others set theirs
    own.kernel_base = m.kernel_base;
    return {};
}

Task<Status> start_cores(FramePool& pool, Monitor& m) {
    SKERRY_ASSERT(m.machine != nullptr);
    Starts starts;
    Status prepared = prepare(m, starts);
    std::array<uint64_t, urpc::machine_nodes_maximum> given{};
    for (uint32_t i = 0; i < m.cores.count; ++i) {
        CoreEntry& entry = m.cores.cores[i];
        if (entry.state == CoreState::online) continue;
        if (!prepared.ok()) {
            note_failure(entry, prepared.error());
            continue;
        }
        auto turn = await_turn(pool, m, starts);
        Status ours = co_await turn;
        uint32_t node = entry.node.value;
        uint64_t free = m.memory.free_bytes(node) + given[node];  // as it was before the first got its share
        uint64_t share = core_share(free, cores_of_node(*m.machine, node));
        given[node] += share;
        entry.state = CoreState::starting;
        ++starts.in_flight;
        if (ours.ok()) ours = urpc::spawn(m.background, bring_up(pool, m, starts, i, share));
        if (ours.ok()) continue;
        --starts.in_flight;
        note_failure(entry, ours.error());
    }
    while (starts.in_flight != 0) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    auto telling = tell_init_of_cores(pool, m);
    Status told = co_await telling;
    co_return told;
}

}  // namespace skerry::monitor
