#include "monitor/operation/ask_knowledge.hpp"

#include "monitor/operation/decide.hpp"
#include "monitor/operation/order_tree.hpp"

namespace skerry::monitor {

using base::Error;
using base::Result;
using base::Status;
using urpc::FramePool;
using urpc::Task;
namespace protocol = urpc::monitor;

namespace {

// The service that init has started, on the directory's core. A program of the same name is not it.
bool is_keeper(Monitor& m, base::DomainId domain) {
    DomainRecord* record = m.domains.find(domain);
    return m.is_directory() && record != nullptr && record->system && record->name.view() == "skb";
}

// What it has decided holds no more: the defaults are back.
void forget(Monitor& m, base::DomainId keeper) {
    Decisions& d = m.decisions;
    if (d.exchange.keeper != keeper) return;
    d.exchange.keeper = {};
    d.version = d.asked = 0;
    d.tree_rows = 0;
    ++d.tree_number;
    d.ring_node = {};
    d.running_told = false;
    if (std::exchange(d.nodes_preferred, false)) (void)m.memory.prefer_nodes({}).ok();
    trees_changed(m);
    m.changed.set();
}

uint32_t number_at(const protocol::NextQuestion& answer, uint32_t index) {
    uint32_t value = 0;
    for (uint32_t i = 0; i < 4; ++i) value |= uint32_t{answer.numbers.data[4 * index + i]} << 8 * i;
    return value;
}

// One question and its answer, which lies in the exchange afterwards; the exchange is ours.
Task<Status> put_question(FramePool&, Monitor& m, uint64_t deadline) {
    Exchange& x = m.decisions.exchange;
    ++x.question.number;
    x.answered = false;
    x.posted = true;
    m.changed.set();
    while (!x.answered) {
        if (!m.domains.alive(x.keeper)) forget(m, x.keeper);
        if (!m.decisions.present()) co_return Error::closed;
        if (m.now() >= deadline) co_return Error::timed_out;
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
    co_return x.answer.error == Error::none ? Status() : Status(x.answer.error);
}

// Errors: closed, timed_out.
Task<Status> take_exchange(FramePool&, Monitor& m, uint64_t deadline) {
    Exchange& x = m.decisions.exchange;
    while (x.busy) {
        if (m.now() >= deadline) co_return Error::timed_out;
        auto wait = m.loop.timers().wait(m.changed, deadline);
        co_await wait;
    }
    if (!m.decisions.present()) co_return Error::closed;
    x.busy = true;
    co_return Status{};
}

void give_up_exchange(Monitor& m) {
    m.decisions.exchange.busy = m.decisions.exchange.posted = false;
    m.changed.set();
}

// The rows of one answer, into the place for all of them. Errors: corrupt, full.
Status take_rows(const protocol::NextQuestion& answer, uint32_t columns, std::span<uint32_t> numbers, uint32_t& rows) {
    if (answer.rows == 0) return {};
    uint32_t more = answer.numbers.length / 4;
    if (answer.columns != columns || more == 0 || more % columns != 0) return Error::corrupt;
    if (more / columns > answer.rows - rows) return Error::corrupt;
    if (uint64_t{answer.rows} * columns > numbers.size()) return Error::full;
    for (uint32_t i = 0; i < more; ++i) numbers[rows * columns + i] = number_at(answer, i);
    rows += more / columns;
    return {};
}

}  // namespace

Task<Result<uint32_t>> ask_knowledge(FramePool& pool, Monitor& m, std::string_view goals, uint32_t columns,
                                     std::span<uint32_t> numbers, uint64_t patience) {
    SKERRY_ASSERT(columns != 0 && goals.size() <= protocol::question_bytes);
    uint64_t deadline = m.now() + patience;
    auto taking = take_exchange(pool, m, deadline);
    Status done = co_await taking;
    if (!done.ok()) co_return done.error();
    Exchange& x = m.decisions.exchange;
    uint32_t rows = 0;
    do {
        x.question.kind = protocol::QuestionKind::ask;
        x.question.first = rows;
        x.question.text = decltype(x.question.text)::cut(goals);
        auto putting = put_question(pool, m, deadline);
        done = co_await putting;
        if (done.ok()) done = take_rows(x.answer, columns, numbers, rows);
    } while (done.ok() && rows < x.answer.rows);
    give_up_exchange(m);
    if (!done.ok()) co_return done.error();
    co_return rows;
}

Task<Status> inform_knowledge(FramePool& pool, Monitor& m, protocol::QuestionKind kind, std::string_view text) {
    uint64_t deadline = m.now() + usual_patience;
    auto taking = take_exchange(pool, m, deadline);
    Status done = co_await taking;
    if (!done.ok()) co_return done;
    Exchange& x = m.decisions.exchange;
    x.question.kind = kind;
    x.question.first = 0;
    x.question.text = decltype(x.question.text)::cut(text);
    auto putting = put_question(pool, m, deadline);
    done = co_await putting;
    give_up_exchange(m);
    co_return done;
}

Task<Result<protocol::Question>> next_question(FramePool&, Monitor& m, base::DomainId keeper,
                                               protocol::NextQuestion answer) {
    Exchange& x = m.decisions.exchange;
    if (!is_keeper(m, keeper) || (m.decisions.present() && x.keeper != keeper) || x.waits) co_return Error::refused;
    x.keeper = keeper;
    // An answer that comes too late is nobody's.
    if (answer.number != 0 && answer.number == x.question.number && x.busy && !x.posted) {
        x.answer = answer;
        x.answered = true;
    }
    m.changed.set();
    x.waits = true;
    while (!x.posted && m.domains.alive(keeper)) {
        auto wait = m.loop.timers().wait(m.changed, 0);
        co_await wait;
    }
    x.waits = false;
    if (!m.domains.alive(keeper)) {
        forget(m, keeper);
        co_return Error::closed;
    }
    x.posted = false;
    co_return x.question;
}

Status knowledge_changed(Monitor& m, base::DomainId keeper, const protocol::KnowledgeChanged& message) {
    if (!is_keeper(m, keeper)) return Error::corrupt;
    m.decisions.version = message.version;
    decide(m);
    return {};
}

}  // namespace skerry::monitor
