#include "skb/skb.hpp"

#include <algorithm>
#include <new>

namespace skerry::skb {

void Answers::clear() {
    head_.table.free(*pool_);
    order_.free(*pool_);
    own_.clear();
    head_ = Predicate();
}

Status Answers::sort(const Symbols& symbols) {
    order_.free(*pool_);
    if (size() == 0) return {};
    uint32_t* order = order_.extend(*pool_, size());
    if (order == nullptr) return Error::no_memory;
    for (uint32_t i = 0; i < size(); i++) order[i] = i;
    std::sort(order, order + size(), [&](uint32_t one, uint32_t other) {
        const Value *left = head_.table.row(one), *right = head_.table.row(other);
        int difference = 0;
        for (uint32_t i = 0; i < head_.arity && difference == 0; i++) difference = symbols.compare(left[i], right[i]);
        return difference < 0;
    });
    return {};
}

KnowledgeBase::~KnowledgeBase() {
    evaluation_.forget();
    while (units_ != nullptr) {
        Unit* next = units_->next;
        drop(units_);
        units_ = next;
    }
}

void KnowledgeBase::drop(Unit* unit) {
    unit->~Unit();
    pool_.release(unit, sizeof(Unit));
}

Unit* KnowledgeBase::find(std::string_view file) {
    Unit* unit = units_;
    while (unit != nullptr && unit->file() != file) unit = unit->next;
    return unit;
}

// Kept answers go when what they came from does.
void KnowledgeBase::changed(const Predicate& predicate) {
    if (predicate.used) evaluation_.forget();
}

// A goal whose predicate has no rule, no fact and no declaration is a slip of the pen.
Status KnowledgeBase::known(const Conjunction& goals, Problem& problem) const {
    for (uint32_t i = 0; i < goals.count; i++) {
        const Literal& goal = goals.literals[i];
        SKERRY_CHECK(known(goal.inside, problem));
        if (!goal.is_atom()) continue;
        const Predicate& predicate = *goal.predicate;
        if (predicate.declared || predicate.has_rules() || predicate.facts.size() != 0) continue;
        problem.at(goal.line) << "expected a known predicate (rules, facts or ':- dynamic'), found "
                              << symbols_.as_text(predicate.name).substr(0, 60) << '/' << predicate.arity;
        return Error::corrupt;
    }
    return {};
}

// `fresh` in place of `old`; either may be null. Rules first, since only they can be refused for what they say.
Status KnowledgeBase::commit(Unit* fresh, Unit* old, Problem& problem) {
    evaluation_.forget();
    if (old != nullptr) old->unlink();
    if (fresh != nullptr) fresh->link();
    Status done = order_by_need(pool_, predicates_, symbols_, problem);
    if (done.ok() && fresh != nullptr) {
        done = fresh->hold_facts(predicates_);
        if (!done.ok()) problem.at(0) << "out of memory";
        bool held = done.ok();
        for (const Clause* rule = fresh->rules(); done.ok() && rule != nullptr; rule = rule->next_of_unit) {
            done = known(rule->body, problem);
        }
        if (held && !done.ok()) fresh->release_facts(predicates_);
    }
    if (done.ok()) {
        if (old != nullptr) old->release_facts(predicates_);
        return done;
    }
    if (fresh != nullptr) fresh->unlink();
    if (old != nullptr) old->link();
    return done;
}

Status KnowledgeBase::load(std::string_view file, std::string_view text, Problem& problem) {
    problem.file = file;
    void* place = pool_.allocate(sizeof(Unit));
    if (place == nullptr) {
        problem.at(0) << "out of memory";
        return Error::no_memory;
    }
    Unit* fresh = new (place) Unit(pool_);
    Unit* old = find(file);
    Status done = fresh->read(file, text, symbols_, predicates_, problem);
    if (done.ok()) done = commit(fresh, old, problem);
    if (!done.ok()) {
        problem.file = file;
        drop(fresh);
        return done;
    }
    fresh->next = units_;
    units_ = fresh;
    if (old == nullptr) return {};
    Unit** at = &fresh->next;
    while (*at != old) at = &(*at)->next;
    *at = old->next;
    drop(old);
    return {};
}

Status KnowledgeBase::unload(std::string_view file, Problem& problem) {
    problem.file = file;
    Unit** at = &units_;
    while (*at != nullptr && (*at)->file() != file) at = &(*at)->next;
    if (*at == nullptr) {
        problem.at(0) << "no such file is loaded";
        return Error::not_found;
    }
    Unit* old = *at;
    SKERRY_CHECK(commit(nullptr, old, problem));
    *at = old->next;
    drop(old);
    return {};
}

Status KnowledgeBase::tell(Predicate& predicate, std::span<const Value> row) {
    SKERRY_ASSERT(row.size() == predicate.arity);
    changed(predicate);
    return predicates_.hold(predicate, row.data(), Predicates::told);
}

bool KnowledgeBase::retract(Predicate& predicate, std::span<const Value> row) {
    SKERRY_ASSERT(row.size() == predicate.arity);
    changed(predicate);
    return predicates_.let_go(predicate, row.data(), Predicates::told);
}

// All are read before the first is told.
Status KnowledgeBase::tell(std::string_view facts, Problem& problem) {
    for (bool checked : {false, true}) SKERRY_CHECK(tell_each(facts, checked, problem));
    return {};
}

Status KnowledgeBase::tell_each(std::string_view facts, bool checked, Problem& problem) {
    problem.file = "fact";
    Arena scratch(pool_);
    TermReader reader(facts, scratch, problem);
    Converter converter(symbols_, predicates_, scratch, problem);
    Value row[most_columns];
    for (bool any = false;; any = true) {
        Term* term = SKERRY_TRY(reader.read(false));
        if (term == nullptr) {
            if (!any) problem.at(1) << "expected a fact, found nothing";
            return any ? Status() : Error::corrupt;
        }
        Predicate* predicate = SKERRY_TRY(converter.fact(*term, row));
        if (!checked) continue;
        Status told = tell(*predicate, {row, predicate->arity});
        if (told.ok()) continue;
        problem.at(term->line) << "out of memory";
        return told;
    }
}

Result<uint32_t> KnowledgeBase::retract(std::string_view pattern, Problem& problem) {
    problem.file = "fact";
    Arena scratch(pool_);
    TermReader reader(pattern, scratch, problem);
    Converter converter(symbols_, predicates_, scratch, problem);
    Term* term = SKERRY_TRY(reader.read(false));
    Value row[most_columns];
    Columns given = 0;
    if (term == nullptr) {
        problem.at(1) << "expected a fact, found nothing";
        return Error::corrupt;
    }
    Predicate* predicate = SKERRY_TRY(converter.pattern(*term, row, given));
    changed(*predicate);
    // From the last row: a removed row's place is taken by one that was looked at.
    uint32_t count = 0;
    for (uint32_t id = predicate->facts.size(); id-- != 0;) {
        const Value* each = predicate->facts.row(id);
        bool same = true;
        uint32_t column = 0;
        for (const Term* argument = term->first; argument != nullptr; argument = argument->next, column++) {
            if ((given >> column & 1) != 0) {
                same = same && each[column] == row[column];
                continue;
            }
            uint32_t other = 0;  // a variable that stands twice
            for (const Term* earlier = term->first; earlier != argument; earlier = earlier->next, other++) {
                bool twice = earlier->kind == Term::Kind::variable && earlier->variable == argument->variable;
                same = same && (!twice || each[other] == each[column]);
            }
        }
        if (!same) continue;
        predicates_.remove(*predicate, id);
        count++;
    }
    return count;
}

Status KnowledgeBase::ask(std::string_view goals, Answers& answers, const Limits& limits, Problem& problem) {
    answers.clear();
    problem.file = "question";
    Arena scratch(pool_);
    TermReader reader(goals, scratch, problem);
    Converter converter(symbols_, predicates_, answers.own_, problem);
    Term* term = SKERRY_TRY(reader.read(false));
    if (term == nullptr) {
        problem.at(1) << "expected a goal, found nothing";
        return Error::corrupt;
    }
    Predicate& head = answers.head_;
    head.component = UINT32_MAX - 1;
    Clause* clause = SKERRY_TRY(converter.query(*term, reader.variables(), head));
    for (uint32_t i = 0; i < head.arity; i++) {
        std::string_view name = reader.variables()[clause->operands[i].variable];
        auto* copy = static_cast<char*>(answers.own_.allocate(name.size()));
        if (copy == nullptr) {
            problem.at(1) << "out of memory";
            return Error::no_memory;
        }
        std::copy(name.begin(), name.end(), copy);
        answers.names_[i] = {copy, name.size()};
    }
    SKERRY_CHECK(known(clause->body, problem));
    head.rules = clause;
    head.table = Relation(head.arity);
    Status done = evaluation_.answer(head, answers.own_, limits, problem);
    if (!done.ok() && done.error() == Error::no_memory) {  // once more, without the answers that were kept
        head.table.free(pool_);
        done = evaluation_.answer(head, answers.own_, limits, problem);
    }
    return done;
}

}  // namespace skerry::skb
