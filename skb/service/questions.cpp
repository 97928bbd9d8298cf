#include "skb/service/questions.hpp"

namespace skerry::skb {

namespace knowledge = urpc::knowledge;

Result<knowledge::Found> Questions::operator()(const knowledge::Ask& ask) {
    if (!ready_) return Error::again;
    knowledge::Found found{};
    found.question = ++asked_;
    std::optional<Answers>& place = answers_[asked_ % kept];
    place.reset();
    place.emplace(base_.pool());
    Problem problem;
    base::Buffer<320> text;
    Status done = base_.ask(ask.goals.view(), *place, limits, problem);
    if (done.ok() && place->sort(base_.symbols()).ok()) {
        found.columns = place->columns();
        found.rows = place->size();
        for (uint32_t i = 0; i < found.columns; i++) text << place->name(i) << '\t';
    } else {
        found.error = done.ok() ? Error::no_memory : done.error();
        problem.write(text);
        place.reset();
    }
    found.text = decltype(found.text)::cut(text.view());
    return found;
}

Result<knowledge::Rows> Questions::operator()(const knowledge::Next& next) {
    bool known = next.question <= asked_ && next.question + kept > asked_;
    const std::optional<Answers>& place = answers_[next.question % kept];
    if (!known || !place) return Error::not_found;
    if (next.row > place->size()) return Error::out_of_range;
    knowledge::Rows rows{};
    base::Buffer<600> text;
    for (rows.next = next.row; rows.next < place->size(); rows.next++) {
        base::Buffer<600> line;
        for (Value value : place->row(rows.next)) {
            base_.symbols().write(line, value);
            line << '\t';
        }
        line << '\n';
        // A row that is longer than a message is cut: it is there to be looked at.
        if (text.size() != 0 && text.size() + line.size() > 600) break;
        text << line.view();
    }
    rows.text = decltype(rows.text)::cut(text.view());
    return rows;
}

}  // namespace skerry::skb
