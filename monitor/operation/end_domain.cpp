#include "monitor/operation/end_domain.hpp"

#include "monitor/operation/channels.hpp"
#include "monitor/operation/interrupts.hpp"
#include "monitor/operation/names.hpp"
#include "monitor/operation/sharing.hpp"
#include "monitor/operation/span.hpp"
#include "monitor/operation/spawn.hpp"

namespace skerry::monitor {

using base::Status;
using urpc::FramePool;
using urpc::Task;

namespace {

// Monitors of other cores on which somebody waits.
Task<Status> tell_watchers(FramePool&, Monitor& m, base::DomainId domain, CoreSet watchers) {
    const Ended* ended = m.domains.ended(domain);
    SKERRY_ASSERT(ended != nullptr);
    urpc::intermonitor::DomainEnded news{domain, ended->status, ended->reason};
    while (!watchers.empty()) {
        Peer* peer = m.peers.find(watchers.take());
        if (peer == nullptr) continue;
        auto sending = peer->link.send(news);
        Status sent = co_await sending;
        (void)sent.ok();  // a peer that is gone waits for nothing
    }
    co_return Status{};
}

}  // namespace

Task<Status> end_domain(FramePool& pool, Monitor& m, base::DomainId domain) {
    DomainRecord* record = m.domains.find(domain);
    SKERRY_ASSERT(record != nullptr && record->claimed);
    Program* program = record->program;
    if (program != nullptr) {
        // It runs no more; whoever waits on its behalf gives up; then nobody is in its memory but we.
        (void)runtime::DispatcherCap{program->domain.dispatcher.ref()}.stop().ok();
        program->link.close();
        m.changed.set();
        while (!program->link.gone()) {
            auto wait = m.loop.timers().wait(m.changed, 0);
            co_await wait;
        }
        auto leaving = end_span(pool, m, domain);
        Status left = co_await leaving;
        (void)left.ok();
        if (record->registered) {
            auto forgetting = unregister_service(pool, m, domain);
            Status forgotten = co_await forgetting;
            (void)forgotten.ok();
        }
        while (Channel* channel = m.channels.first_of(domain)) {
            auto releasing = release_channel(pool, m, channel->id);
            Status released = co_await releasing;
            // Without a frame for that now, there will be one when others have ended.
            if (!released.ok()) {
                auto wait = m.loop.timers().sleep(m.now() + 1'000'000);
                co_await wait;
            }
        }
        while (m.channels.any_of(domain)) {  // somebody else is closing them
            auto wait = m.loop.timers().wait(m.changed, 0);
            co_await wait;
        }
        dismantle(m, *record);
        forget_interrupts(m, domain);
        // What other cores hold of its memory comes back, too.
        auto finishing = finish_revokes(pool, m);
        Status finished = co_await finishing;
        (void)finished.ok();
        (void)m.memory.statistics(0).ok();
    }
    CoreSet watchers = record->watchers;
    bool from_init = base::counter_of(record->parent) == domain_counter::init;
    urpc::service_start::Ended news{domain.value, record->ending.status};
    m.domains.finish(*record);
    m.changed.set();
    if (from_init && m.is_directory()) {
        (void)m.tell_init(urpc::service_start::pack(urpc::service_start::Operation::ended, news)).ok();
    }
    auto telling = tell_watchers(pool, m, domain, watchers);
    Status told = co_await telling;
    co_return told;
}

}  // namespace skerry::monitor
