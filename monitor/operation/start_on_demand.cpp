#include "monitor/operation/start_on_demand.hpp"

#include "monitor/operation/ask_knowledge.hpp"
#include "monitor/operation/connect.hpp"
#include "monitor/operation/decide.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace protocol = urpc::monitor;

namespace {

Status may_start(const CoreEntry* entry) {
    if (entry == nullptr) return Error::out_of_range;
    switch (entry->state) {
        case CoreState::offline:
            return {};
        case CoreState::online:
            return Error::exists;
        case CoreState::starting:
            return Error::busy;
        default:
            return Error::closed;
    }
}

Task<Result<uint32_t>> ask_node(FramePool& pool, Monitor& m, const char* question, base::CoreId core) {
    std::array<uint32_t, 1> node{};
    base::Buffer<64> goals;
    goals << question << '(' << core << ", Node)";
    auto asking = ask_knowledge(pool, m, goals.view(), 1, node);
    auto rows = co_await asking;
    if (!rows.ok()) co_return rows.error();
    if (*rows == 0) co_return Error::not_found;
    co_return node[0];
}

// It is a core as any other now: rules are told that it runs, and it hears when trees change, as those do that were there when
// there was first somebody to ask.
void welcome(Monitor& m, base::CoreId core) {
    SKERRY_ASSERT(m.cores.cores[core.value].state == CoreState::online);
    if (m.decisions.own.version != 0) m.decisions.untold.add(core);
    decide_anew(m);
}

}  // namespace

Task<Status> ask_place(FramePool& pool, Monitor& m, base::CoreId core, CoreWish& wish) {
    wish = {};
    if (!m.decisions.present()) co_return Error::closed;
    auto image = ask_node(pool, m, "image_node", core);
    wish.image = co_await image;
    auto memory = ask_node(pool, m, "core_memory_node", core);
    wish.memory = co_await memory;
    co_return Status{};
}

Task<Result<protocol::CoreStarted>> start_on_demand(FramePool& pool, Monitor& m, base::CoreId core) {
    if (!m.is_directory()) {
        auto asking = at_directory(pool, m, protocol::StartCore{core});
        auto answer = co_await asking;
        co_return answer;
    }
    CoreEntry* entry = m.cores.find(core);
    Status may = may_start(entry);
    if (!may.ok()) co_return may.error();
    entry->state = CoreState::starting;
    entry->reason = {};
    StartOrder order(core);
    m.start_orders.push_back(order);
    m.start_wanted.set();
    while (!order.over) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    SKERRY_ASSERT(!order.link.linked() && entry->state != CoreState::starting);
    if (order.error != Error::none) co_return order.error;
    welcome(m, core);
    co_return protocol::CoreStarted{.image = order.place.image,
                                    .memory = order.place.memory,
                                    .by_rules = order.place.by_rules,
                                    .about = decltype(protocol::CoreStarted::about)::cut(order.place.reason.view())};
}

}  // namespace skerry::monitor
