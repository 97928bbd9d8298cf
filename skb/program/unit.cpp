#include "skb/program/unit.hpp"

#include <algorithm>

namespace skerry::skb {

// name/arity, and more of them between commas or in a list.
Status Unit::declare(const Term& term, Symbols& symbols, Predicates& predicates, Problem& problem) {
    if (term.is(",", 2) || term.kind == Term::Kind::list) {
        for (const Term* each = term.first; each != nullptr; each = each->next) {
            SKERRY_CHECK(declare(*each, symbols, predicates, problem));
        }
        return {};
    }
    const Term *name = term.first, *arity = name == nullptr ? nullptr : name->next;
    if (!term.is("/", 2) || name->kind != Term::Kind::atom || arity->kind != Term::Kind::number || arity->number < 0 ||
        arity->number > most_columns) {
        problem.at(term.line) << "expected name/arity, with an arity of at most " << most_columns;
        return Error::corrupt;
    }
    Result<Value> atom = symbols.atom(name->name);
    if (!atom.ok()) return atom.error();
    Predicate* found = SKERRY_TRY(predicates.get(*atom, static_cast<uint32_t>(arity->number)));
    found->declared = true;
    return {};
}

Status Unit::directive(const Term& term, Symbols& symbols, Predicates& predicates, Problem& problem) {
    if (term.is("dynamic", 1) || term.is("discontiguous", 1) || term.is("table", 1)) {
        Status done = declare(*term.first, symbols, predicates, problem);
        if (!done.ok() && done.error() == Error::no_memory) problem.at(term.line) << "out of memory";
        return done;
    }
    problem.at(term.line) << "expected dynamic, discontiguous or table after ':-'";
    return Error::corrupt;
}

Status Unit::clause(const Term& term, std::span<const std::string_view> names, Converter& converter, Problem& problem) {
    bool rule = term.is(":-", 2);
    if (!rule && names.empty()) {
        Value row[most_columns];
        Predicate* predicate = SKERRY_TRY(converter.fact(term, row));
        Value* place = facts_.extend(pool_, predicate->arity + 1);
        if (place == nullptr) {
            problem.at(term.line) << "out of memory";
            return Error::no_memory;
        }
        place[0] = Value::small(predicate->number);
        std::copy_n(row, predicate->arity, place + 1);
        return {};
    }
    const Term& head = rule ? *term.first : term;
    Clause* made = SKERRY_TRY(converter.rule(head, rule ? term.first->next : nullptr, names));
    made->file = file_;
    (last_ == nullptr ? rules_ : last_->next_of_unit) = made;
    last_ = made;
    return {};
}

Status Unit::read(std::string_view file, std::string_view text, Symbols& symbols, Predicates& predicates,
                  Problem& problem) {
    auto* name = static_cast<char*>(arena_.allocate(file.size() + 1));
    if (name == nullptr) {
        problem.at(0) << "out of memory";
        return Error::no_memory;
    }
    std::copy(file.begin(), file.end(), name);
    file_ = {name, file.size()};
    Converter converter(symbols, predicates, arena_, problem);
    Arena scratch(pool_);
    TermReader reader(text, scratch, problem);
    for (;;) {
        Term* term = SKERRY_TRY(reader.read());
        if (term == nullptr) return {};
        SKERRY_CHECK(term->is(":-", 1) ? directive(*term->first, symbols, predicates, problem)
                                       : clause(*term, reader.variables(), converter, problem));
    }
}

void Unit::link() {
    // Rules of a predicate are run in the order of the text: the last is hung first.
    Clause* reversed = nullptr;
    for (Clause* rule = rules_; rule != nullptr; rule = rule->next_of_unit) {
        rule->next_of_predicate = reversed;
        reversed = rule;
    }
    while (reversed != nullptr) {
        Clause* rule = reversed;
        reversed = rule->next_of_predicate;
        rule->next_of_predicate = rule->head->rules;
        rule->head->rules = rule;
    }
}

void Unit::unlink() {
    for (Clause* rule = rules_; rule != nullptr; rule = rule->next_of_unit) {
        Clause** at = &rule->head->rules;
        while (*at != nullptr && *at != rule) at = &(*at)->next_of_predicate;
        if (*at == rule) *at = rule->next_of_predicate;
    }
}

void Unit::release(Predicates& predicates, uint32_t upto) {
    for (uint32_t at = 0; at < upto;) {
        Predicate& predicate = predicates[static_cast<uint32_t>(facts_[at].number())];
        (void)predicates.let_go(predicate, &facts_[at] + 1, 1);
        at += predicate.arity + 1;
    }
}

Status Unit::hold_facts(Predicates& predicates) {
    for (uint32_t at = 0; at < facts_.size();) {
        Predicate& predicate = predicates[static_cast<uint32_t>(facts_[at].number())];
        Status held = predicates.hold(predicate, &facts_[at] + 1, 1);
        if (!held.ok()) {
            release(predicates, at);
            return held;
        }
        at += predicate.arity + 1;
    }
    return {};
}

}  // namespace skerry::skb
