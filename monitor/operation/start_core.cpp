// The machine-independent part of starting a core; the platform's CoreStarter writes what its first instructions need.
//
//   memory of its node -> CPU driver, program, record -> withdrawn from us -> INIT, 10 ms -> STARTUP -> it joins -> online
//   `----------------- at most starts_in_flight cores are between here and "online" --------------------------------'
//                                                               one at a time in the start frame: `---------'
#include "monitor/operation/start_core.hpp"

#include <algorithm>

#include "monitor/machine_view.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/lay_core.hpp"
#include "monitor/operation/start_on_demand.hpp"
#include "monitor/share.hpp"
#include "platform/user/core_start.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace well_known = capabilities::well_known;

namespace {

// Intel SDM volume 3, 8.4.4.1.
constexpr uint64_t after_init = 10'000'000, after_startup = 200'000;  // ns
constexpr uint64_t greeting_patience = 10'000'000'000;  // ns; until it greets, and then until it is online

// What all starts have in common; lives in the frame of start_cores.
struct Starts {
    platform::CoreStarter starter;
    CoreFiles files;
    bool prepared = false;
    uint32_t in_flight = 0;
    uint32_t setting_clocks = 0;  // have greeted and are not online: they measure how fast we answer
    bool start_frame_taken = false;
};

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

Task<Status> start_core(FramePool& pool, Monitor& m, Starts& starts, uint32_t index, CorePlace& place) {
    CoreWish wish;
    auto asking = ask_place(pool, m, base::CoreId{index}, wish);
    Status asked = co_await asking;
    (void)asked.ok();  // without an answer it lies where it does by default
    auto made = make_peer(m, base::CoreId{index});
    if (!made.ok()) co_return made.error();
    Peer* peer = made.value();
    auto laid = lay_core(m, starts.files, index, wish, *peer, place);
    Status done = laid.error();
    if (done.ok()) {
        auto waking = wake_core(pool, m, starts, index, laid->image, laid->entry);
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

// One that never ran may be tried again.
void note_failure(CoreEntry& entry, Error error) {
    entry.state = entry.memory_bytes != 0 ? CoreState::failed : CoreState::offline;
    entry.reason = decltype(entry.reason)::cut(why(error));
}

// Maps the frame in which cores start, once, and checks what every core gets. Errors: those of that; it can be tried again.
Status prepare(Monitor& m, Starts& starts) {
    if (starts.prepared) return {};
    starts.files.driver = SKERRY_TRY(m.archive.find("cpudriver"));
    starts.files.program = SKERRY_TRY(m.archive.find("monitor"));
    SKERRY_CHECK(image::verify(starts.files.driver));
    SKERRY_CHECK(image::verify(starts.files.program));
    auto frame = SKERRY_TRY(runtime::CNodeCap{}.identify(well_known::start_frame));
    if (frame.size < platform::start_frame_size) return Error::out_of_range;
    constexpr uint64_t read_write = capabilities::map_flags::read | capabilities::map_flags::write;
    uint64_t at =
        SKERRY_TRY(m.self.space().map_anywhere(well_known::start_frame, 0, platform::start_frame_size, read_write));
    auto starter = platform::CoreStarter::prepare(platform::at<std::byte>(at), base::PhysAddr{frame.base});
    if (!starter.ok()) {
        SKERRY_CHECK(m.self.space().unmap(at, platform::start_frame_size));
        return starter.error();
    }
    starts.starter = starter.value();
    starts.prepared = true;
    return {};
}

// One core's start, whatever comes of it.
Task<Status> bring_up(FramePool& pool, Monitor& m, Starts& starts, uint32_t index, CorePlace& place) {
    ++starts.in_flight;
    Status started = prepare(m, starts);
    if (started.ok()) {
        auto starting = start_core(pool, m, starts, index, place);
        started = co_await starting;
    }
    if (!started.ok()) note_failure(m.cores.cores[index], started.error());
    --starts.in_flight;
    m.changed.set();
    co_return started;
}

Task<Status> bring_up_at_boot(FramePool& pool, Monitor& m, Starts& starts, uint32_t index) {
    CorePlace place;
    auto bringing = bring_up(pool, m, starts, index, place);
    Status started = co_await bringing;
    co_return started;
}

Task<Status> carry_out(FramePool& pool, Monitor& m, Starts& starts, StartOrder& order) {
    auto bringing = bring_up(pool, m, starts, order.core.value, order.place);
    Status started = co_await bringing;
    order.error = started.error();
    order.over = true;
    m.changed.set();
    co_return started;
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
    m.cores.at_boot = std::min(machine.start_count, m.cores.count);
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

namespace {

Task<Status> start_at_boot(FramePool& pool, Monitor& m, Starts& starts) {
    for (uint32_t i = 0; i < m.cores.at_boot; ++i) {
        CoreEntry& entry = m.cores.cores[i];
        if (entry.state == CoreState::online) continue;
        auto turn = await_turn(pool, m, starts);
        Status ours = co_await turn;
        entry.state = CoreState::starting;
        if (ours.ok()) ours = urpc::spawn(m.background, bring_up_at_boot(pool, m, starts, i));
        if (!ours.ok()) note_failure(entry, ours.error());
    }
    while (starts.in_flight != 0) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    co_return Status{};
}

}  // namespace

Task<Status> start_cores(FramePool& pool, Monitor& m) {
    SKERRY_ASSERT(m.machine != nullptr);
    Starts starts;
    auto starting = start_at_boot(pool, m, starts);
    Status done = co_await starting;
    auto telling = tell_init_of_cores(pool, m);
    done = co_await telling;
    for (;;) {
        while (m.start_orders.empty()) {
            auto wait = m.loop.timers().wait(m.start_wanted, 0);
            co_await wait;
        }
        auto turn = await_turn(pool, m, starts);
        done = co_await turn;
        StartOrder* order = m.start_orders.pop_front();
        SKERRY_ASSERT(order != nullptr);  // nobody else takes them
        if (done.ok()) done = urpc::spawn(m.background, carry_out(pool, m, starts, *order));
        if (done.ok()) continue;
        note_failure(m.cores.cores[order->core.value], done.error());
        order->error = done.error();
        order->over = true;
        m.changed.set();
    }
}

}  // namespace skerry::monitor
