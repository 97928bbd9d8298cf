// The end of a channel. Whoever pays gets the memory back only when nobody maps it any more:
//   the end that is done          the other end
//     closing                                              (service: takes its own copies away first)
//     ------ ChannelGone ------->   closing, program is told, lets go (or loses it)
//     <----- ChannelReleased ----   forgotten there        (client: memory back)
//     forgotten here                                       (client: memory back)
#include "monitor/operation/channels.hpp"
#include "monitor/operation/connect.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;
namespace protocol = urpc::monitor;

namespace {

constexpr uint64_t patience = 2'000'000'000;  // ns, for a program to let go of a frame
constexpr uint64_t pause = 1'000'000;

bool same_core(const Monitor& m, const Channel& channel) {
    return base::core_of(channel.peer) == m.core;
}

// Our program hears of it, and has some time.
Task<Status> ask_to_let_go(FramePool&, Monitor& m, uint64_t id) {
    uint64_t deadline = m.now() + patience;
    bool told = false;
    for (;;) {
        Channel* channel = m.channels.find(id);
        SKERRY_ASSERT(channel != nullptr);  // only who is closing it removes it
        DomainRecord* record = m.domains.find(channel->domain);
        if (channel->let_go || record == nullptr || record->state == DomainState::ending) co_return Status{};
        if (record->program == nullptr || record->program->link.closed()) co_return Status{};
        if (m.now() >= deadline) co_return Error::timed_out;
        if (!told) told = record->program->link.try_send(protocol::ChannelGone{id}).ok();
        uint64_t until = deadline;
        if (!told) until = std::min(deadline, m.now() + pause);
        auto wait = m.loop.timers().wait(m.changed, until);
        co_await wait;
    }
}

// From all who hold it here. Once, and before the other end is told: from its answer on the memory may be another
// channel's, whose frame a second revoke would take.
void take_frame_away(Channel& channel) {
    if (channel.frame) (void)runtime::CNodeCap{}.revoke(channel.frame.ref()).ok();
    channel.frame.reset();
}

}  // namespace

void drop_channel(Monitor& m, Channel& channel) {
    // On one core the service's copies go with the client's, when that end says so.
    bool all = channel.client || !same_core(m, channel);
    if (all) take_frame_away(channel);
    channel.frame.reset();
    if (channel.ram.bytes != 0) m.memory.give_back(channel.ram, base::counter_of(channel.domain));
    channel.ram = {};
    m.channels.remove(channel);
}

Task<Status> release_channel(FramePool& pool, Monitor& m, uint64_t id) {
    Channel* channel = m.channels.find(id);
    if (channel == nullptr || channel->state == ChannelState::closing) co_return Status{};
    if (!channel->client && channel->state != ChannelState::open) {
        channel->answer = Error::closed;  // accept_bind is waiting, and clears up
        channel->state = ChannelState::refused;
        m.changed.set();
        co_return Status{};
    }
    channel->state = ChannelState::closing;
    if (!channel->client && !same_core(m, *channel)) take_frame_away(*channel);
    base::CoreId core = base::core_of(channel->peer);
    intermonitor::ChannelGone request{channel->peer_channel};
    if (request.channel != 0 && core == m.core) {
        auto telling = channel_gone(pool, m, request);
        auto told = co_await telling;
        (void)told.ok();
    } else if (request.channel != 0) {
        auto connecting = connect(pool, m, core);
        auto peer = co_await connecting;
        if (peer.ok()) {
            auto call = peer.value()->link.call(request);
            auto told = co_await call;
            (void)told.ok();
        }
    }
    channel = m.channels.find(id);
    SKERRY_ASSERT(channel != nullptr);
    drop_channel(m, *channel);
    m.changed.set();
    co_return Status{};
}

Task<Result<intermonitor::ChannelReleased>> channel_gone(FramePool& pool, Monitor& m,
                                                         intermonitor::ChannelGone request) {
    Channel* channel = m.channels.find(request.channel);
    // Unknown, or both ends are done with it: this one clears up when it has our answer.
    if (channel == nullptr || channel->state == ChannelState::closing) co_return intermonitor::ChannelReleased{};
    if (channel->state != ChannelState::open) {  // the client has not got it yet: bind is there, and clears up
        channel->state = ChannelState::refused;
        co_return intermonitor::ChannelReleased{};
    }
    channel->state = ChannelState::closing;
    auto asking = ask_to_let_go(pool, m, request.channel);
    Status asked = co_await asking;
    (void)asked.ok();  // in time or not: it is taken away now
    channel = m.channels.find(request.channel);
    SKERRY_ASSERT(channel != nullptr);
    drop_channel(m, *channel);
    m.changed.set();
    co_return intermonitor::ChannelReleased{};
}

Status take_release(Monitor& m, base::DomainId domain, uint64_t id) {
    Channel* channel = m.channels.find(id, domain);
    if (channel == nullptr) return {};  // we were faster
    if (channel->state != ChannelState::closing) return Error::corrupt;
    channel->let_go = true;
    m.changed.set();
    return {};
}

Status take_close(Monitor& m, base::DomainId domain, uint64_t id) {
    Channel* channel = m.channels.find(id, domain);
    if (channel == nullptr) return {};
    if (channel->state == ChannelState::closing) {  // both at once: that counts as letting go
        channel->let_go = true;
        m.changed.set();
        return {};
    }
    if (channel->state != ChannelState::open) return Error::corrupt;
    // Without a frame for it now, it is closed when the program ends.
    (void)urpc::spawn(m.background, release_channel(m.pool(), m, id)).ok();
    return {};
}

}  // namespace skerry::monitor
