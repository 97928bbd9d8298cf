#include "skb/service/questions.hpp"

#include "skb/service/group_facts.hpp"

namespace skerry::skb {

namespace knowledge = urpc::knowledge;

namespace {
// Kept too long, rows of one client would be missing to others.
Status few_enough(const Answers& answers, Problem& problem) {
    size_t bytes = size_t{answers.size()} * answers.columns() * sizeof(Value);
    if (bytes <= Questions::rows_bytes) return {};
    problem.at(1) << "these are " << answers.size() << " rows, more than can be kept (" << Questions::rows_bytes / 1024
                  << " KiB)";
    return Error::refused;
}
}  // namespace

Result<knowledge::Found> Questions::Client::operator()(const knowledge::Ask& ask) {
    if (!all_.ready_) return Error::again;
    Problem problem;
    return found({}, ask.goals.view(), problem);
}

Result<knowledge::Found> Questions::Client::operator()(const knowledge::AskGroup& ask) {
    if (!all_.ready_) return Error::again;
    Problem problem;
    GroupFacts members(all_.base_);
    Status told = members.tell(ask.group.view(), ask.cores, problem);
    base::Buffer<96> goals;
    goals << "group_tree(" << ask.group.view() << ", " << ask.root << ", Parent, Child, Turn)";
    return found(told, goals.view(), problem);
}

// What was asked, unless it could not be.
knowledge::Found Questions::Client::found(Status done, std::string_view goals, Problem& problem) {
    knowledge::Found found{};
    found.question = ++asked_;
    base::Buffer<320> text;
    if (done.ok()) done = all_.base_.ask(goals, answers_, limits, problem);
    if (done.ok()) done = few_enough(answers_, problem);
    if (done.ok()) {
        done = answers_.sort(all_.base_.symbols());
        if (!done.ok()) problem.at(0) << "out of memory";
    }
    any_ = done.ok();
    if (done.ok()) {
        found.columns = answers_.columns();
        found.rows = answers_.size();
        for (uint32_t i = 0; i < found.columns; i++) text << answers_.name(i) << '\t';
    } else {
        found.error = done.error();
        problem.write(text);
        answers_.clear();
    }
    found.text = decltype(found.text)::cut(text.view());
    return found;
}

Result<knowledge::Rows> Questions::Client::operator()(const knowledge::Next& next) {
    if (!any_ || next.question != asked_) return Error::not_found;
    if (next.row > answers_.size()) return Error::out_of_range;
    knowledge::Rows rows{};
    base::Buffer<600> text;
    for (rows.next = next.row; rows.next < answers_.size(); rows.next++) {
        base::Buffer<600> line;
        for (Value value : answers_.row(rows.next)) {
            all_.base_.symbols().write(line, value);
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

Status Questions::Client::may_change() const {
    if (!manager_) return Error::refused;
    return all_.ready_ ? Status() : Error::again;
}

Result<knowledge::Told> Questions::Client::told(const Status& done, uint32_t count, const Problem& problem) {
    knowledge::Told told{};
    told.count = count;
    if (done.ok()) {
        all_.listener_.knowledge_changed();
        return told;
    }
    told.error = done.error();
    base::Buffer<320> text;
    problem.write(text);
    told.text = decltype(told.text)::cut(text.view());
    return told;
}

Result<knowledge::Told> Questions::Client::operator()(const knowledge::Tell& tell) {
    SKERRY_CHECK(may_change());
    Problem problem;
    Status done = all_.base_.tell(tell.facts.view(), problem);
    return told(done, 0, problem);
}

Result<knowledge::Told> Questions::Client::operator()(const knowledge::Retract& retract) {
    SKERRY_CHECK(may_change());
    Problem problem;
    Result<uint32_t> gone = all_.base_.retract(retract.pattern.view(), problem);
    return told(gone.error(), gone.ok() ? *gone : 0, problem);
}

void Questions::Client::drop_draft() {
    if (all_.author_ != this) return;
    all_.author_ = nullptr;
    all_.draft_size_ = 0;
}

Result<knowledge::TextAdded> Questions::Client::operator()(const knowledge::AddText& more) {
    SKERRY_CHECK(may_change());
    if (all_.author_ != nullptr && all_.author_ != this) return Error::busy;
    std::string_view text = more.text.view();
    if (text.size() > all_.draft_.size() - all_.draft_size_) return Error::full;
    all_.author_ = this;
    text.copy(all_.draft_.data() + all_.draft_size_, text.size());
    all_.draft_size_ += static_cast<uint32_t>(text.size());
    return knowledge::TextAdded{all_.draft_size_};
}

Result<knowledge::Told> Questions::Client::operator()(const knowledge::Replace& replace) {
    SKERRY_CHECK(may_change());
    Problem problem;
    std::string_view text;
    if (all_.author_ == this) text = {all_.draft_.data(), all_.draft_size_};
    Status done = all_.base_.load(replace.file.view(), text, problem);
    drop_draft();
    return told(done, 0, problem);
}

Result<knowledge::Told> Questions::Client::operator()(const knowledge::Remove& remove) {
    SKERRY_CHECK(may_change());
    Problem problem;
    Status done = all_.base_.unload(remove.file.view(), problem);
    return told(done, 0, problem);
}

Result<knowledge::RuleFile> Questions::Client::operator()(const knowledge::NextRuleFile& next) const {
    const Unit* unit = all_.base_.files();
    for (uint32_t i = 0; unit != nullptr && i < next.index; i++) unit = unit->next;
    if (unit == nullptr) return Error::out_of_range;
    knowledge::RuleFile file{};
    file.file = decltype(file.file)::cut(unit->file());
    for (const Clause* rule = unit->rules(); rule != nullptr; rule = rule->next_of_unit) file.rules++;
    return file;
}

// The cursor: predicate and row, of which a declaration is the first.
Result<knowledge::Facts> Questions::Client::operator()(const knowledge::NextFacts& next) const {
    Predicates& predicates = all_.base_.predicates();
    const Symbols& symbols = all_.base_.symbols();
    knowledge::Facts facts{};
    base::Buffer<800> text;
    auto row = static_cast<uint32_t>(next.cursor);
    for (auto number = static_cast<uint32_t>(next.cursor >> 32); number < predicates.size(); number++, row = 0) {
        const Predicate& predicate = predicates[number];
        for (bool declared = row != 0; row < predicate.facts.size(); row++) {
            if ((predicate.holders[row] & Predicates::told) == 0) continue;
            base::Buffer<800> line;
            if (!declared) {
                line << ":- dynamic ";
                symbols.write(line, predicate.name);
                line << '/' << predicate.arity << ".\n";
                declared = true;
            }
            symbols.write(line, predicate.name);
            for (uint32_t i = 0; i < predicate.arity; i++) {
                line << (i == 0 ? "(" : ", ");
                symbols.write(line, predicate.facts.row(row)[i]);
            }
            line << (predicate.arity == 0 ? ".\n" : ").\n");
            if (line.cut()) {
                line.clear();
                line << "% a fact with " << predicate.arity << " arguments that is too long to be written here\n";
            }
            if (text.size() + line.size() > 800) {
                facts.next = uint64_t{number} << 32 | row;
                facts.text = decltype(facts.text)::cut(text.view());
                return facts;
            }
            text << line.view();
        }
    }
    facts.text = decltype(facts.text)::cut(text.view());
    return facts;
}

}  // namespace skerry::skb
