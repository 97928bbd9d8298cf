// A monitor with a knowledge base, which a coroutine plays that need not keep to anything.
#pragma once

#include <functional>
#include <string>

#include "monitor/operation/ask_knowledge.hpp"
#include "test/unit/monitor/world.hpp"

namespace skerry::test {

struct Keeper {
    std::function<urpc::monitor::NextQuestion(const urpc::monitor::Question&)> answer;
    uint32_t most = ~0u;  // questions that it answers; then it is silent
    std::vector<std::string> asked;
    Error end = Error::none;
};

inline urpc::Task<base::Status> keep(urpc::FramePool& pool, monitor::Monitor& m, base::DomainId id, Keeper& keeper) {
    urpc::monitor::NextQuestion answer{};
    while (keeper.most-- != 0) {
        auto asking = monitor::next_question(pool, m, id, answer);
        auto question = co_await asking;
        keeper.end = question.error();
        if (!question.ok()) co_return base::Status{};
        keeper.asked.emplace_back(question->text.view());
        answer = keeper.answer(question.value());
    }
    co_return base::Status{};
}

struct KeeperWorld : MonitorWorld {
    monitor::Monitor& m = *monitor;
    base::DomainId id = m.domains.add("skb", {}).value()->id;
    Keeper keeper;

    KeeperWorld() {
        m.domains.find(id)->system = true;
        m.domains.find(id)->state = urpc::monitor::DomainState::running;
    }
    ~KeeperWorld() {
        end();
        poll();
    }
    void end() {
        if (monitor::DomainRecord* record = m.domains.find(id)) m.domains.begin_end(*record, 0, "");
        m.changed.set();
    }
    void poll() {
        while (m.loop.set().poll_all() != 0) {
        }
    }
    void begin() { SKERRY_ASSERT(urpc::spawn(m.background, keep(m.pool(), m, id, keeper)).ok()); }
};

}  // namespace skerry::test
