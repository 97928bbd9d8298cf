// A member's part in the group of monitors: links to its children and parent, and a clock for the silent ones.
#include "monitor/operation/connect.hpp"
#include "monitor/operation/gather.hpp"
#include "monitor/transfer.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;

namespace {

// Frames of an older generation come back when the child says that it uses them no more; if it never does, they stay.
Task<Status> retire_frames(FramePool&, Monitor& m) {
    for (;;) {
        GroupSeat::ChildFrame made = m.seat.take_retired();
        if (made.peer == nullptr) co_return Status{};
        base::CoreId child = made.peer->core;  // whose link may go meanwhile
        intermonitor::UnlinkGroup request{made.generation};
        auto call = made.peer->link.call(request);
        auto unlinked = co_await call;
        if (!unlinked.ok() && !m.lost.contains(child)) continue;
        made.frame.reset();
        m.memory.give_back(made.ram, 0);
    }
}

Task<Status> link_children(FramePool& pool, Monitor& m, intermonitor::SitInGroup request) {
    for (uint32_t i = 0; i < request.child_count; ++i) {
        const intermonitor::GroupChild& child = request.children[i];
        auto connecting = connect(pool, m, child.core);
        auto connected = co_await connecting;
        if (!connected.ok()) co_return connected.error();
        if (m.seat.generation() != request.generation || !m.seat.begun()) co_return Error::closed;
        Peer* peer = connected.value();
        auto frame = m.seat.add_child(child.member, *peer, child.node);
        if (!frame.ok()) co_return frame.error();
        intermonitor::LinkGroup link{request.generation, request.self, child.member, frame.value()};
        auto call = peer->link.call(link);
        auto linked = co_await call;
        if (!linked.ok()) co_return linked.error();
        if (m.seat.generation() != request.generation || !m.seat.begun()) co_return Error::closed;
    }
    co_return Status{};
}

Task<Status> watch(FramePool&, Monitor& m) {
    while (m.seat.seated() && m.seat.group().completed() < m.seat.group().begun()) {
        uint64_t generation = m.seat.generation(), oldest = m.seat.group().completed();
        auto wait = m.loop.timers().sleep(m.now() + m.seat.patience());
        co_await wait;
        if (!m.seat.seated() || m.seat.generation() != generation || m.seat.group().completed() != oldest) continue;
        m.seat.group().close(Error::timed_out, m.seat.group().waiting_for());
    }
    m.seat.watched = false;
    co_return Status{};
}

}  // namespace

void watch_group(Monitor& m) {
    if (m.seat.patience() == 0 || std::exchange(m.seat.watched, true)) return;
    if (!urpc::spawn(m.background, watch(m.pool(), m)).ok()) m.seat.watched = false;
}

Result<intermonitor::Linked> link_group(Monitor& m, Peer& parent, const intermonitor::LinkGroup& request) {
    SKERRY_CHECK(m.seat.begin(request.generation, request.child));
    (void)urpc::spawn(m.background, retire_frames(m.pool(), m)).ok();
    Owned frame = SKERRY_TRY(made_of(m.self, request.frame));
    SKERRY_CHECK(m.seat.set_parent(request.parent, parent, std::move(frame), request.frame[2]));
    return intermonitor::Linked{};
}

Task<Result<intermonitor::Seated>> sit_in_group(FramePool& pool, Monitor& m, intermonitor::SitInGroup request) {
    bool root = m.is_directory();
    Status ready;
    if (request.child_count > request.children.size()) ready = Error::corrupt;
    if (ready.ok() && root) ready = m.seat.begin(request.generation, request.self);
    if (root) (void)urpc::spawn(m.background, retire_frames(m.pool(), m)).ok();
    bool linked = root || (m.seat.generation() == request.generation && m.seat.has_parent());
    if (ready.ok() && (!linked || m.seat.seated())) ready = Error::refused;
    if (!ready.ok()) co_return ready.error();
    auto linking = link_children(pool, m, request);
    ready = co_await linking;
    if (!ready.ok()) co_return ready.error();
    // The root takes its seat when all others have theirs.
    if (!root) m.seat.sit(false, request.height);
    co_return intermonitor::Seated{};
}

intermonitor::Unlinked unlink_group(Monitor& m, const intermonitor::UnlinkGroup& request) {
    if (m.seat.generation() == request.generation) m.seat.stand_up();
    return {};
}

}  // namespace skerry::monitor
