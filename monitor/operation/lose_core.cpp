// Every monitor's part.
#include "monitor/operation/lose_core.hpp"

#include "monitor/operation/channels.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/inherit.hpp"

namespace skerry::monitor {

using base::Status;
using urpc::FramePool;
using urpc::Task;

namespace {

// A program over several cores ends on all of them, whichever it has lost. A member whose leader is gone waits for nobody: none
// is left who could map its line.
void end_spans(Monitor& m, CoreId core) {
    base::Buffer<96> reason;
    reason << "core " << core.value << " was lost";
    for (DomainRecord* record = m.domains.next(DomainId{}); record; record = m.domains.next(record->id)) {
        if (record->program == nullptr) continue;
        SpanPart& part = record->program->span;
        bool led_from_there = part.is_member() && base::core_of(part.leader) == core;
        if (led_from_there) part.released = true;
        if (led_from_there || part.find(core) != nullptr) {
            m.domains.begin_end(*record, runtime::fault_status, reason.view());
        }
    }
}

void tell_those_who_wait(Monitor& m, CoreId core) {
    for (EndNews* news = m.end_news.front(); news; news = m.end_news.next(*news)) {
        if (base::core_of(news->domain) != core || news->told) continue;
        news->told = true;
        news->ended = end_of_lost();
    }
}

// Those that are opening or closing are looked after by whoever opens or closes them: his call there ends.
const Channel* open_to_lost(Monitor& m) {
    return m.channels.first([&](const Channel& channel) {
        return channel.state == ChannelState::open && m.lost.contains(base::core_of(channel.peer));
    });
}

Task<Status> close_all(FramePool& pool, Monitor& m) {
    while (const Channel* channel = open_to_lost(m)) {
        auto closing = channel_gone(pool, m, {channel->id});
        auto closed = co_await closing;
        if (closed.ok()) continue;
        auto wait = m.loop.timers().sleep(m.now() + 1'000'000);  // no frame for it
        co_await wait;
    }
    m.closing_lost = false;
    co_return Status{};
}

}  // namespace

Ended end_of_lost() {
    return {runtime::fault_status, decltype(Ended::reason)::cut("its core was lost")};
}

void lose_core(Monitor& m, CoreId core) {
    SKERRY_ASSERT(core != m.core && core != m.directory);
    if (m.lost.contains(core)) return;
    m.lost.add(core);
    m.seat.lose(core);
    m.peers.close(core);
    m.links_to_drop = true;
    lose_shared(m, core);
    expect_no_more(m, core);
    if (!m.is_directory()) m.shared.inheritance.untold.add(core);
    end_spans(m, core);
    tell_those_who_wait(m, core);
    m.names.remove_of(core);
    m.changed.set();
}

void close_lost_channels(Monitor& m) {
    if (m.lost.empty() || m.closing_lost || m.background.full() || open_to_lost(m) == nullptr) return;
    m.closing_lost = true;  // before: it may be done at once
    if (!urpc::spawn(m.background, close_all(m.pool(), m)).ok()) m.closing_lost = false;
}

void drop_lost_links(Monitor& m) {
    if (!m.links_to_drop) return;
    auto lost = [&](const Peer& peer) { return m.lost.contains(peer.core); };
    auto unused = [&](const Peer& peer) { return lost(peer) && peer.link.finished(); };
    while (Peer* peer = m.peers.first(unused)) drop_peer(m, *peer);
    m.links_to_drop = m.peers.first(lost) != nullptr;
}

}  // namespace skerry::monitor
