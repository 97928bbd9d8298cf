#include "monitor/operation/await_end.hpp"

#include "monitor/operation/connect.hpp"
#include "monitor/operation/lose_core.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using urpc::FramePool;
using urpc::Task;
namespace intermonitor = urpc::intermonitor;

namespace {

// Listens for DomainEnded as long as it lives.
struct Listener {
    Listener(Monitor& m, base::DomainId domain) {
        news.domain = domain;
        m.end_news.push_back(news);
    }
    ~Listener() { decltype(Monitor::end_news)::remove(news); }
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;
    EndNews news;
};

Task<Result<Ended>> await_end_there(FramePool& pool, Monitor& m, base::DomainId asker, base::DomainId domain) {
    Listener listener(m, domain);  // before asking: the news may come together with the answer
    intermonitor::Watch request{domain};
    auto watching = at_core(pool, m, base::core_of(domain), request);
    auto watched = co_await watching;
    if (m.lost.contains(base::core_of(domain))) co_return end_of_lost();
    if (!watched.ok()) co_return watched.error();
    if (watched->ended) co_return Ended{watched->status, watched->reason};
    while (!listener.news.told) {
        if (!m.domains.alive(asker)) co_return Error::closed;
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    co_return listener.news.ended;
}

}  // namespace

Task<Result<Ended>> await_end(FramePool& pool, Monitor& m, base::DomainId asker, base::DomainId domain) {
    if (base::core_of(domain) != m.core) {
        auto waiting = await_end_there(pool, m, asker, domain);
        auto ended = co_await waiting;
        co_return ended;
    }
    for (;;) {
        if (const Ended* ended = m.domains.ended(domain)) co_return *ended;
        if (m.domains.find(domain) == nullptr) co_return Error::not_found;
        if (!m.domains.alive(asker)) co_return Error::closed;
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
}

}  // namespace skerry::monitor
