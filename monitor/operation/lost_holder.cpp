// A core that held memory of ours is fenced: it has let go of all that, at once and out of turn, for whoever has the turn may
// be waiting for it.
#include "monitor/operation/lose_core.hpp"
#include "monitor/operation/sharing.hpp"

namespace skerry::monitor {

using base::Status;
using urpc::FramePool;
using urpc::Task;

namespace {
// The link to it ends where the news has come; whoever passed our order on may have it before us.
constexpr uint64_t news_patience = 10'000'000'000;  // ns
}  // namespace

void lose_shared(Monitor& m, CoreId core) {
    for (Exported& record : m.shared.exported.all()) {
        if (record.object.empty()) continue;
        record.sharing.lost(core);
        if (!record.sharing.holders().empty() || !record.sharing.idle()) continue;  // the last turn clears up
        record.anchor.reset();
        m.shared.exported.remove(record);
    }
    m.shared.ballots.lost(core);
    m.shared.changes_seen = ~uint64_t{0};  // whatever waited for it is looked at again
}

Task<Status> await_loss(FramePool&, Monitor& m, const Exported& record, CoreSet members) {
    uint64_t deadline = m.now() + news_patience;
    for (;;) {
        for (CoreSet rest = members; !rest.empty();) {
            if (!record.sharing.holders().contains(rest.take())) co_return Status{};
        }
        if (m.now() >= deadline) co_return Error::closed;
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
}

}  // namespace skerry::monitor
